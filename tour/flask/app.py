"""The tour's pages as a Flask application would write them.

Each page of the tour shows the function of this file that does the same. It runs by itself, without the tour's
templates: SECRET_KEY=$(python3 -c 'import secrets; print(secrets.token_hex())') python3 app.py
"""

import os

from flask import (
    Flask,
    flash,
    make_response,
    redirect,
    render_template_string,
    request,
    session,
    url_for,
)
from werkzeug.security import check_password_hash, generate_password_hash

app = Flask(__name__)
app.secret_key = os.environ.get("SECRET_KEY", "for a first look only")

USERS = {
    "john": generate_password_hash("password123"),
    "jane": generate_password_hash("secret123"),
}


@app.route("/handle-form-cookie")
def handle_form_cookie():
    color = request.args.get("fav_color", "")
    response = make_response(f"Ok, {color}")
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


@app.route("/some-route")
def some_route():
    session["fav_number"] = 42
    return "Ok, I put that in the session"


@app.route("/my-route")
def my_route():
    return render_template_string("{{ session.fav_number + 1 }}")


@app.route("/login", methods=["GET", "POST"])
def log_in():
    error = None
    if request.method == "POST":
        name = request.form["username"]
        if name in USERS and check_password_hash(
            USERS[name], request.form["password"]
        ):
            session.clear()
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
        return "Nobody has logged in", 401
    return f"The profile of {session['username']}"


@app.route("/logout")
def log_out():
    session.pop("username", None)
    flash("You have logged out")
    return redirect(url_for("home"))


LOGIN = """
<form method="post">
  {% if error %}<p>{{ error }}</p>{% endif %}
  <input name="username"> <input name="password" type="password">
  <button>Log in</button>
</form>
"""


if __name__ == "__main__":
    app.run()
