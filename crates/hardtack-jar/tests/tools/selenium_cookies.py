# Selenium, with Debian's Chromium: opens a page with the cookies of a file, and saves the cookies of the page.
import json
import os
import shutil
import sys
from urllib.parse import urljoin

from selenium import webdriver

url, load, save = sys.argv[1:]
options = webdriver.ChromeOptions()
options.binary_location = os.environ.get("HARDTACK_CHROMIUM", "/usr/bin/chromium")
for argument in ("--headless=new", "--no-sandbox", "--disable-gpu"):
    options.add_argument(argument)
service = webdriver.ChromeService(shutil.which("chromedriver"))
with webdriver.Chrome(options=options, service=service) as driver:
    # A cookie can be added only while a page of its site is open.
    driver.get(urljoin(url, "blank"))
    with open(load) as file:
        for cookie in json.load(file):
            # With a domain, it would be one for subdomains, too; all of these are of this host.
            if not cookie["domain"].startswith("."):
                del cookie["domain"]
            driver.add_cookie(cookie)
    driver.get(url)
    with open(save, "w") as file:
        json.dump(driver.get_cookies(), file)
