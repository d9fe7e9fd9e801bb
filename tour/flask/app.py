"""The tour's pages as a Flask application.

Each page of the tour shows the equivalent functions of this file. The file runs on its own, without the tour's
templates: SECRET_KEY=$(python3 -c 'import secrets; print(secrets.token_hex())') python3 app.py
"""

import datetime
import os
import secrets
import time
import uuid

from flask import (
    Flask,
    abort,
    flash,
    get_flashed_messages,
    make_response,
    redirect,
    render_template_string,
    request,
    session,
    url_for,
)
from markupsafe import Markup
from werkzeug.security import check_password_hash, generate_password_hash

app = Flask(__name__)
app.secret_key = os.environ.get("SECRET_KEY") or secrets.token_hex()
app.config.update(
    SESSION_COOKIE_SECURE=True,
    SESSION_COOKIE_HTTPONLY=True,
    SESSION_COOKIE_SAMESITE="Lax",
)

USERS = {
    "john": generate_password_hash("password123"),
    "jane": generate_password_hash("secret123"),
}


@app.route("/")
def course():
    done = request.cookies.get("progress", "").split(".")
    return f"Done: {', '.join(done)}"


@app.route("/progress", methods=["POST"])
def save_progress():
    response = redirect(url_for("course"))
    done = ".".join(request.form)
    response.set_cookie("progress", done, max_age=365 * 24 * 3600)
    return response


@app.route("/food")
def hello():
    food = request.cookies.get("fav_food")
    if food is None:
        return "Hello, stranger. What is your favorite food?"
    return f"Welcome back! I remember: you like {food}."


@app.route("/food", methods=["POST"])
def learn():
    food = request.get_data(as_text=True)
    response = make_response(f"Please keep this note: {food}.")
    response.set_cookie("fav_food", food)
    return response


@app.route("/step-zero", methods=["POST"])
def step_zero():
    carried = request.form["carried"]
    match request.form["way"]:
        case "query":
            return redirect(url_for("step_one", carried=carried))
        case "path":
            return redirect(url_for("step_one", path=carried))
        case "cookie":
            response = redirect(url_for("step_one"))
            response.set_cookie("carried", carried)
            return response
        case "session":
            session["carried"] = carried
            return redirect(url_for("step_one"))
    return render_template_string(HIDDEN, carried=carried)


@app.route("/step-one", methods=["GET", "POST"])
@app.route("/step-one/<path>", methods=["GET", "POST"])
def step_one(path=None):
    return {
        "query": request.args.get("carried"),
        "hidden": request.form.get("carried"),
        "path": path,
        "cookie": request.cookies.get("carried"),
        "session": session.get("carried"),
    }


@app.route("/storage", methods=["GET", "POST"])
def storage():
    if request.method == "POST":
        response = redirect(url_for("storage"))
        response.set_cookie("note", request.form["note"])
        return response
    return request.cookies.get("note", "nothing")


@app.route("/which")
def which():
    need = request.args
    if "server" not in need:
        return "localStorage" if "last" in need else "sessionStorage"
    if "revoke" in need or "large" in need or "secret" in need:
        return "a session on the server, by Flask-Session"
    return "Flask's session" if "trust" in need else "a plain cookie"


@app.route("/handle-form-cookie")
def handle_form_cookie():
    color = request.args.get("fav_color", "")
    response = make_response("Ok")
    response.set_cookie("fav_color", color)
    return response


@app.route("/later-cookie")
def later_cookie():
    return request.cookies.get("fav_color", "<unset>")


@app.route("/set-cookie")
def set_cookie():
    response = make_response("Ok")
    response.set_cookie("greeting", "Hello, world", max_age=3600)
    return response


@app.route("/get-cookie")
def get_cookie():
    return str(request.cookies.get("greeting"))


@app.route("/delete-cookie")
def delete_cookie():
    response = make_response("Ok")
    response.delete_cookie("greeting")
    return response


@app.route("/cookies")
def all_cookies():
    return render_template_string(
        "{% for name, value in request.cookies.items() %}"
        "<dt>{{ name }}</dt><dd>{{ value }}</dd>"
        "{% endfor %}"
    )


@app.route("/visits")
def visits():
    number = int(request.cookies.get("number_visits", 0)) + 1
    customer = "new" if number == 1 else "returning" if number < 5 else "regular"
    response = make_response(f"Visit {number}: a {customer} customer")
    year = 365 * 24 * 3600
    response.set_cookie("number_visits", str(number), max_age=year)
    response.set_cookie("customer_type", customer, max_age=year)
    return response


@app.route("/preferences", methods=["GET", "POST"])
def preferences():
    if request.method == "POST":
        response = redirect(url_for("preferences"))
        year = 365 * 24 * 3600
        response.set_cookie("name", request.form["name"], max_age=year)
        response.set_cookie("theme", request.form["theme"], max_age=year)
        return response
    return f"Welcome back, {request.cookies.get('name', 'stranger')}"


@app.route("/options", methods=["POST"])
def options():
    form = request.form
    response = make_response("Ok, but nothing checks the rules")
    response.set_cookie(
        form["prefix"] + "taste",
        "sweet",
        max_age=600,
        path=form["path"],
        domain=form["domain"] or None,
        secure="secure" in form,
        httponly="http_only" in form,
        samesite=form["same_site"],
        partitioned="partitioned" in form,
    )
    return response


@app.route("/limits", methods=["POST"])
def limits():
    size = int(request.form["size"])
    response = make_response("Sent, with a warning if it is over 4,093 bytes")
    response.set_cookie("big", "x" * (size - 3), max_age=60, path="/limits")
    return response


@app.route("/jar")
def jar():
    return {name: len(value) for name, value in request.cookies.items()}


@app.route("/jar/clear", methods=["POST"])
def clear():
    session.clear()
    response = redirect(url_for("jar"))
    for name in request.cookies:
        response.delete_cookie(name)
    response.headers["Clear-Site-Data"] = '"cookies", "storage"'
    return response


@app.route("/some-route")
def some_route():
    session["fav_number"] = 42
    return "Ok, I put that in the session"


@app.route("/my-route")
def my_route():
    return render_template_string("{{ session.fav_number + 1 }}")


@app.route("/types", methods=["POST"])
def put_types():
    session["number"] = 42
    session["price"] = 9.5
    session["text"] = "Jörg"
    session["truth"] = True
    session["nothing"] = None
    session["list"] = [3, 1, 2]
    session["tuple"] = ("tea", 2)
    session["bytes"] = bytes([0, 159, 255])
    session["moment"] = datetime.datetime.now(datetime.timezone.utc)
    session["uuid"] = uuid.UUID(bytes=b"hardtack's tour.")
    session["markup"] = Markup("<b>bold</b>")
    return "Ok"


@app.route("/leaderboard", methods=["POST"])
def leaderboard():
    board = session.setdefault("leaderboard", [])
    board.append((request.form["player"], int(request.form["points"])))
    board.sort(key=lambda entry: -entry[1])
    # Without this line, the change inside the list is lost.
    session.modified = True
    return "Ok"


@app.route("/anatomy")
def anatomy():
    serializer = app.session_interface.get_signing_serializer(app)
    data, signed_at = serializer.loads(
        request.cookies["session"], max_age=24 * 3600, return_timestamp=True
    )
    return f"{data}, signed at {signed_at}"


@app.route("/remember", methods=["POST"])
def remember_me():
    session.permanent = "remember" in request.form
    return "Ok"


@app.route("/flash", methods=["GET", "POST"])
def leave_message():
    if request.method == "POST":
        flash(request.form["message"], request.form["category"])
        return redirect(url_for("leave_message"))
    return get_flashed_messages(with_categories=True)


@app.route("/invite", methods=["GET", "POST"])
def invite():
    if request.form.get("code") == "hardtack":
        session["invited"] = True
    if not session.get("invited"):
        abort(403)
    return "The party is on Saturday at eight"


@app.route("/cart", methods=["POST"])
def change_cart():
    cart = session.setdefault("cart", {})
    goods = request.form["add"]
    cart[goods] = cart.get(goods, 0) + 1
    session.modified = True
    return cart


TOKENS = {}


@app.route("/token", methods=["POST"])
def issue():
    token = secrets.token_urlsafe(32)
    TOKENS[token] = time.monotonic() + 120
    return url_for("redeem", token=token)


@app.route("/token/<token>", methods=["POST"])
def redeem(token):
    if TOKENS.pop(token, 0) < time.monotonic():
        abort(410)
    session["confirmed"] = True
    return "Confirmed"


@app.route("/login", methods=["GET", "POST"])
def log_in():
    error = None
    if request.method == "POST":
        name = request.form["username"]
        hashed = USERS.get(name)
        if hashed and check_password_hash(hashed, request.form["password"]):
            session["username"] = name
            flash(f"Welcome, {name}")
            return redirect(url_for("home"))
        error = "Invalid username or password"
    return render_template_string(LOGIN, error=error)


@app.route("/home")
def home():
    session["visits"] = session.get("visits", 0) + 1
    return f"Visit number {session['visits']}"


@app.route("/profile")
def profile():
    if "username" not in session:
        return "You are not logged in", 401
    return f"The profile of {session['username']}"


@app.route("/devices")
def devices():
    # Flask stores each session in its cookie, and has no list of sessions.
    abort(501)


@app.route("/logout", methods=["POST"])
def log_out():
    session.pop("username", None)
    flash("You have logged out")
    return redirect(url_for("home"))


@app.route("/tips")
def tips():
    names = ("SECURE", "HTTPONLY", "SAMESITE")
    return {name: app.config[f"SESSION_COOKIE_{name}"] for name in names}


HIDDEN = """
<form action="/step-one" method="post">
  <input type="hidden" name="carried" value="{{ carried }}">
  <button>Go to step one</button>
</form>
"""

LOGIN = """
<form method="post">
  {% if error %}<p>{{ error }}</p>{% endif %}
  <input name="username"> <input name="password" type="password">
  <button>Log in</button>
</form>
"""


if __name__ == "__main__":
    app.run()
