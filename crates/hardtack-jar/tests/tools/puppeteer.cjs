// Puppeteer, with Debian's Chromium: opens a page with the cookies of a file, and saves the browser's cookies.
const fs = require("node:fs");
const puppeteer = require("puppeteer-core");

const [url, load, save] = process.argv.slice(-3);
(async () => {
  const browser = await puppeteer.launch({
    executablePath: process.env.HARDTACK_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    await browser.setCookie(...JSON.parse(fs.readFileSync(load, "utf8")));
    const page = await browser.newPage();
    const response = await page.goto(url);
    if (!response?.ok() || response.fromCache()) throw new Error(`${url} came from elsewhere: ${response?.status()}`);
    fs.writeFileSync(save, JSON.stringify(await browser.cookies()));
  } finally {
    await browser.close();
  }
})();
