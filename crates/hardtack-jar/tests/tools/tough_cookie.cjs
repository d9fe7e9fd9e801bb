// tough-cookie: requests a page with the cookies of a jar, and saves the jar.
const fs = require("node:fs");
const http = require("node:http");
const { CookieJar } = require("tough-cookie");

const [url, load, save] = process.argv.slice(-3);
const jar = CookieJar.fromJSON(fs.readFileSync(load, "utf8"));
http.get(url, { headers: { cookie: jar.getCookieStringSync(url) } }, (response) => {
  for (const line of response.headers["set-cookie"] ?? []) jar.setCookieSync(line, url);
  response.resume();
  response.on("end", () => fs.writeFileSync(save, JSON.stringify(jar.toJSON())));
});
