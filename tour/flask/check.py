"""Uses every page of app.py, as the tour's tests use the tour's pages."""

from app import app

# Flask's test client keeps Secure cookies only for https.
client = app.test_client()
HTTPS = {"base_url": "https://localhost"}
used = set()


def get(path, status=200):
    response = client.get(path, **HTTPS)
    assert response.status_code == status, (path, response.status_code)
    used.add(response.request.path)
    return response


def post(path, status=200, /, **form):
    response = client.post(path, data=form, **HTTPS)
    assert response.status_code == status, (path, response.status_code)
    used.add(response.request.path)
    return response


def cookies(response):
    return response.headers.getlist("Set-Cookie")


def says(response, text):
    assert text in response.text, (response.request.path, response.text)


says(get("/"), "Done: ")
post("/progress", 302, w1="on", d2="on")
says(get("/"), "Done: w1, d2")

says(get("/food"), "Hello, stranger.")
client.post("/food", data="ramen", **HTTPS)
says(get("/food"), "you like ramen")

post("/step-zero", 302, carried="tea", way="cookie")
post("/step-zero", 302, carried="tea", way="session")
says(post("/step-zero", carried="tea", way="hidden"), 'value="tea"')
assert post("/step-zero", 302, carried="tea", way="query").location == "/step-one?carried=tea"
assert post("/step-zero", 302, carried="tea", way="path").location == "/step-one/tea"
arrived = get("/step-one?carried=tea").json
assert arrived == {"query": "tea", "hidden": None, "path": None, "cookie": "tea", "session": "tea"}, arrived
assert get("/step-one/tea").json["path"] == "tea"

post("/storage", 302, note="x")
says(get("/storage"), "x")
says(get("/which?server=on&trust=on"), "Flask's session")

assert "fav_color=blue" in cookies(get("/handle-form-cookie?fav_color=blue"))[0]
says(get("/later-cookie"), "blue")
assert "Max-Age=3600" in cookies(get("/set-cookie"))[0]
says(get("/get-cookie"), "Hello, world")
says(get("/cookies"), "<dt>greeting</dt><dd>Hello, world</dd>")
get("/delete-cookie")
says(get("/get-cookie"), "None")
says(get("/visits"), "Visit 1: a new customer")
says(get("/visits"), "Visit 2: a returning customer")
post("/preferences", 302, name="Ada", theme="dark")
says(get("/preferences"), "Ada")
sent = cookies(post("/options", prefix="__Host-", path="/", domain="", secure="on", same_site="Lax"))[0]
assert sent.startswith("__Host-taste=sweet;") and "Secure" in sent, sent
assert len(cookies(post("/limits", size=4096))[0].split(";")[0]) == 4097
assert get("/jar").json["fav_color"] == 4

get("/some-route")
says(get("/my-route"), "43")
post("/types")
post("/leaderboard", player="Ada", points=7)
says(get("/anatomy"), "'leaderboard': [('Ada', 7)]")
assert "Expires=" in cookies(post("/remember", remember="on"))[0]
post("/flash", 302, message="Saved", category="note")
assert get("/flash").json == [["note", "Saved"]]
assert get("/flash").json == []

get("/invite", 403)
says(post("/invite", code="hardtack"), "party")
assert post("/cart", add="tea").json == {"tea": 1}
assert post("/cart", add="tea").json == {"tea": 2}
link = post("/token").text
says(post(link), "Confirmed")
post(link, 410)

get("/profile", 401)
says(post("/login", username="john", password="wrong"), "Invalid username or password")
post("/login", 302, username="john", password="password123")
says(get("/home"), "Visit number 1")
says(get("/profile"), "john")
get("/devices", 501)
assert get("/tips").json["SAMESITE"] == "Lax"
post("/logout", 302)
get("/profile", 401)
assert post("/jar/clear", 302).headers["Clear-Site-Data"]

for rule in app.url_map.iter_rules():
    start = rule.rule.split("<")[0]
    assert rule.endpoint == "static" or any(path.startswith(start) for path in used), rule
print(f"ok: {len(used)} paths")
