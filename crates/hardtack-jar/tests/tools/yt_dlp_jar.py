# yt-dlp's own jar: requests a page with the cookies of a file, and saves them to another one.
import sys
import urllib.request

from yt_dlp.cookies import YoutubeDLCookieJar

url, load, save = sys.argv[1:]
jar = YoutubeDLCookieJar(load)
jar.load()
handlers = urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(jar)
urllib.request.build_opener(*handlers).open(url).read()
jar.save(save)
