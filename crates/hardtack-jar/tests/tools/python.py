# The standard library: requests a page with the cookies of a file, and saves them to another one.
import http.cookiejar
import sys
import urllib.request

url, load, save = sys.argv[1:]
jar = http.cookiejar.MozillaCookieJar(load)
jar.load(ignore_discard=True)
handlers = urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(jar)
urllib.request.build_opener(*handlers).open(url).read()
jar.save(save, ignore_discard=True)
