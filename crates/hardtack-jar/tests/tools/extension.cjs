// An extension in Debian's Chromium, which sets and lists cookies as Cookie-Editor does, by the browser's own API.
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const puppeteer = require("puppeteer-core");

const [url, load, save] = process.argv.slice(-3);

async function setAll(cookies) {
  for (const { hostOnly, session, storeId, domain, ...cookie } of cookies) {
    cookie.url = `http${cookie.secure ? "s" : ""}://${domain.replace(/^\./, "")}${cookie.path}`;
    if (!hostOnly) cookie.domain = domain;
    await chrome.cookies.set(cookie);
  }
}

(async () => {
  const extension = fs.mkdtempSync(path.join(os.tmpdir(), "extension-"));
  process.on("exit", () => fs.rmSync(extension, { recursive: true }));
  const manifest = {
    manifest_version: 3,
    name: "cookies",
    version: "1",
    permissions: ["cookies"],
    host_permissions: ["<all_urls>"],
    background: { service_worker: "worker.js" },
  };
  fs.writeFileSync(path.join(extension, "manifest.json"), JSON.stringify(manifest));
  fs.writeFileSync(path.join(extension, "worker.js"), "");
  const browser = await puppeteer.launch({
    executablePath: process.env.HARDTACK_CHROMIUM ?? "/usr/bin/chromium",
    enableExtensions: [extension],
    pipe: true,
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    const target = await browser.waitForTarget((target) => target.type() === "service_worker");
    const worker = await target.worker();
    await worker.evaluate(setAll, JSON.parse(fs.readFileSync(load, "utf8")));
    const page = await browser.newPage();
    const response = await page.goto(url);
    if (!response?.ok() || response.fromCache()) throw new Error(`${url} came from elsewhere: ${response?.status()}`);
    // An empty key asks for the cookies of all partitions.
    const cookies = await worker.evaluate(() => chrome.cookies.getAll({ partitionKey: {} }));
    fs.writeFileSync(save, JSON.stringify(cookies));
  } finally {
    await browser.close();
  }
})();
