# Playwright, with Debian's Chromium: opens a page with a storage state, and saves the state afterwards.
import os
import sys

from playwright.sync_api import sync_playwright

url, load, save = sys.argv[1:]
program = os.environ.get("HARDTACK_CHROMIUM", "/usr/bin/chromium")
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
    context = browser.new_context(storage_state=load)
    context.new_page().goto(url)
    context.storage_state(path=save)
    browser.close()
