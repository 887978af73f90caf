//! `POST /submit`: one handler for a form of a browser and for JSON of a program.

use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::{Deserialize, Serialize};
use server::extract::{FromRequest, Request};
use server::response::{IntoResponse, Response};
use server::{Form, Json};

use crate::object::Object;
use crate::pages::{Problem, escape, page, wants_page};

/// What is submitted. It is checked and sent back; nothing is kept.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Submission {
    name: String,
    message: String,
}

impl Submission {
    fn checked(mut self) -> Result<Self, Problem> {
        self.name = self.name.trim().to_owned();
        for (field, text, most) in [("name", &self.name, 100), ("message", &self.message, 1_000)] {
            let length = text.chars().count();
            if length == 0 || length > most {
                let detail = format!("`{field}` must have 1 to {most} characters.");
                return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail));
            }
        }
        Ok(self)
    }
}

pub(super) async fn submit(request: Request) -> Result<Response, Response> {
    let wants_page = wants_page(request.headers());
    let kind = request.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let submission = match kind.starts_with("application/json") {
        true => Json::from_request(request, &())
            .await
            .map(|Json(Object(it))| it)
            .map_err(IntoResponse::into_response)?,
        false => Form::from_request(request, &())
            .await
            .map(|Form(it)| it)
            .map_err(IntoResponse::into_response)?,
    };
    let submission = Submission::checked(submission).map_err(IntoResponse::into_response)?;
    if !wants_page {
        return Ok(Json(submission).into_response());
    }
    let text = format!(
        "<h1>Thank you, {}</h1>\n<p class=\"lead\">You said:</p>\n<pre tabindex=\"0\" role=\"region\" aria-label=\"Your message\">{}</pre>\n\
         <p><a href=\"/#submit\">Say something else</a></p>",
        escape(&submission.name),
        escape(&submission.message)
    );
    Ok(page("Submitted", &text, None))
}
