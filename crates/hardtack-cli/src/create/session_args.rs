use std::time::SystemTime;

use clap::Args;
use hardtack::Value;
use hardtack::cookie::{MAX_COOKIE_SIZE, SetCookie};
use serde_json::json;

use crate::arguments::{Input, KeyArgs, Timestamp};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Output, OutputArgs};

/// The arguments that `sign` and `seal` share, such as the content of the session and the time of its creation.
#[derive(Debug, Args)]
pub(crate) struct SessionArgs {
    /// The file with the session as a JSON object, or `-` for standard input. Flask's tagged types are supported, such
    /// as `{" t":[1,2]}` for a tuple
    #[arg(value_name = "FILE", default_value = "-")]
    pub(crate) file: Input,
    /// Mark the session as permanent, like `session.permanent = True` in Flask
    #[arg(long)]
    pub(crate) permanent: bool,
    /// The time of creation: seconds since 1970, or a date. Default: now
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<Timestamp>,
    /// Print the complete `Set-Cookie` header instead of the value
    #[arg(long)]
    pub(crate) header: bool,
}

/// Times to print with a cookie: the name of each time, and its seconds since 1970.
pub(crate) type Times = [(&'static str, u64)];

impl SessionArgs {
    pub(crate) fn now(&self) -> Timestamp {
        self.at.unwrap_or_else(|| Timestamp(SystemTime::now()))
    }

    /// Reads the session, and returns it as JSON with Flask's tags.
    pub(crate) fn text(&self, keys: &KeyArgs) -> Result<String, Failure> {
        if self.file == Input::Stdin && keys.use_stdin() {
            return Err(Failure::usage(
                "the session and the key cannot both come from standard input: put one of them in a file",
            ));
        }
        let unreadable = |why: &str| {
            let message = format!("{}: {why}: write the session as `{{\"user\": \"jane\"}}`", self.file);
            Failure::new(Exit::Unreadable, message)
        };
        let text = String::from_utf8(self.file.read()?).map_err(|_| unreadable("not UTF-8 text"))?;
        let value = Value::from_text(text.trim()).map_err(|error| unreadable(&error.to_string()))?;
        let Value::Dict(mut dictionary) = value else { return Err(unreadable("not a JSON object")) };
        if self.permanent {
            dictionary.insert("_permanent".to_owned(), Value::Bool(true));
        }
        Ok(Value::Dict(dictionary).to_text())
    }

    /// Prints the value of a cookie; with `--header`, its `Set-Cookie` header; with `--json`, both and the given times.
    pub(crate) fn print(
        &self,
        name: &str,
        value: &str,
        output_args: OutputArgs,
        about: &Times,
    ) -> Result<Exit, Failure> {
        let header = set_cookie(name, value)?;
        let mut out = Output::new();
        if output_args.json {
            let mut json = json!({ "name": name, "value": value, "set_cookie": header });
            for (what, seconds) in about {
                json[what] = (*seconds).into();
            }
            out.json(&json)?;
        } else {
            out.line(if self.header { format!("Set-Cookie: {header}") } else { value.to_owned() })?;
        }
        Ok(Exit::Done)
    }
}

/// Returns the value of the `Set-Cookie` header for a cookie, or an error if browsers would refuse the cookie.
fn set_cookie(name: &str, value: &str) -> Result<String, Failure> {
    let size = name.len() + value.len();
    if size > MAX_COOKIE_SIZE {
        return Err(Failure::new(
            Exit::Negative,
            format!(
                "the cookie is {size} bytes, and browsers refuse cookies over {MAX_COOKIE_SIZE} bytes: store large data on the server"
            ),
        ));
    }
    let cookie = SetCookie::raw(name.to_owned(), value.to_owned()).secure().http_only();
    cookie.to_header().map_err(|error| Failure::caused(Exit::Usage, &error))
}
