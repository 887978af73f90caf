//! What the inspector answers.
//!
//! | request | answer |
//! |---|---|
//! | `GET /` | the page |
//! | `GET /live` | events: four times a second, the state and the sums |
//! | `GET /requests?what=&status=&slower=&open=` | the newest requests, each with what its time was spent on |
//! | `GET /recording?from=&to=` | events of these numbers, told, as lines of JSON |
//! | `GET /state?at=`, `?us=` | the moment after so many events, or at a time: the state, with sentence, causes, lines of source |
//! | `GET /timeline?from=&to=&width=` | polls and wakes between two times, in microseconds |
//! | `GET /recording.jsonl`, `GET /perfetto.json` | all that is kept, as a file |
//! | `POST /pause?seconds=`, `/step`, `/resume` | holds the server, lets one step through, lets it go |

use std::io::{self, Write};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use http::header::CONTENT_DISPOSITION;
use http::{HeaderValue, StatusCode};
use runtime::sync::Semaphore;
use runtime::trace::Recording;
use serde::Deserialize;
use serde_json::{Value, json};
use server::Router;
use server::extract::{Query, State};
use server::middleware::from_fn_with_state;
use server::response::{IntoResponse, Json, Response};
use server::routing::{get, post};
use story::source::Sources;

use super::guard::{self, Token};
use super::requests::{self, Wanted};
use super::watched::{HELD, Standing, Watched};
use super::{page, picture, pieces, tape, timeline};
use crate::live::Viewers;
use crate::pages::{Problem, of_kind};

/// How often the page hears of the state.
const EACH: Duration = Duration::from_millis(250);

/// The longest time for which the server is held.
const LONGEST: u64 = 3600;

/// So many pages may be open at once.
const PAGES: usize = 16;

/// What the answers are made from.
struct Inspected {
    watched: Rc<Watched>,
    viewers: Viewers,
    sources: Sources,
    /// One file at a time.
    files: Arc<Semaphore>,
}

type Server = State<Rc<Inspected>>;

/// All of it, for those who have the token.
pub(super) fn routes(watched: Rc<Watched>, sources: Sources, token: Token) -> Router {
    Router::new()
        .route("/", get(page::page))
        .route("/live", get(live))
        .route("/requests", get(list))
        .route("/recording", get(recording))
        .route("/state", get(state))
        .route("/timeline", get(draw))
        .route("/recording.jsonl", get(download))
        .route("/perfetto.json", get(perfetto))
        .route("/pause", post(pause))
        .route("/step", post(step))
        .route("/resume", post(resume))
        .with_state(Rc::new(Inspected {
            watched,
            viewers: Viewers::new(PAGES, EACH),
            sources,
            files: Arc::new(Semaphore::new(1)),
        }))
        .layer(from_fn_with_state(token, guard::check))
}

/// What the page hears four times a second.
fn status(watched: &Watched) -> Value {
    let (film, sums) = (watched.film(), watched.sums());
    let range = film.range();
    let mut first = film.records(range.clone());
    json!({
        "first": range.start,
        "next": range.end,
        "firstUs": first.next().map(|record| picture::micros(record.time)),
        "lost": film.lost(),
        "cut": film.is_cut(),
        "standing": match watched.standing() {
            Standing::Runs => "runs",
            Standing::Recorded => "recorded",
            Standing::Held => "held",
            Standing::InAStep => "in a step",
        },
        "heldFor": watched.held_for().map(|left| left.as_secs_f64().ceil()),
        "events": sums.events,
        "polls": sums.polls,
        "wakes": sums.wakes,
        "busyUs": picture::micros(sums.busy),
        "costNs": u64::try_from(watched.cost.get().as_nanos()).unwrap_or(u64::MAX),
        "state": picture::of(film.present()),
    })
}

async fn live(State(server): Server) -> Result<Response, Problem> {
    let watched = server.watched.clone();
    server.viewers.watch(move || status(&watched))
}

async fn list(State(server): Server, Query(wanted): Query<Wanted>) -> Json<Value> {
    Json(requests::of(&server.watched.accounts(), &wanted))
}

#[derive(Deserialize)]
struct Events {
    #[serde(default)]
    from: u64,
    #[serde(default = "everything")]
    to: u64,
}

fn everything() -> u64 {
    u64::MAX
}

async fn recording(State(server): Server, Query(events): Query<Events>) -> Response {
    let told = tape::told(&server.watched.film(), events.from, events.to);
    let lines: String = told.iter().map(|event| format!("{event}\n")).collect();
    of_kind("application/x-ndjson", lines)
}

/// The moment after so many events, or at a time in microseconds.
#[derive(Deserialize)]
struct At {
    at: Option<u64>,
    us: Option<u64>,
}

async fn state(State(server): Server, Query(wanted): Query<At>) -> Result<Json<Value>, Problem> {
    let film = server.watched.film();
    let range = film.range();
    let at = match (wanted.at, wanted.us) {
        (Some(at), _) => at,
        (None, Some(us)) => film.event_at(Duration::from_micros(us)).max(range.start),
        (None, None) => range.end,
    };
    let missing = || {
        let (first, next) = (range.start, range.end);
        let detail = format!("There is no state {at}. Those from {first} to {next} are kept.");
        Problem::not_found(detail)
    };
    tape::moment(&film, at, &server.sources)
        .map(Json)
        .ok_or_else(missing)
}

#[derive(Deserialize)]
struct Window {
    from: u64,
    to: u64,
    width: u64,
}

async fn draw(State(server): Server, Query(window): Query<Window>) -> Json<Value> {
    let [from, to] = [window.from, window.to.max(window.from)].map(Duration::from_micros);
    Json(timeline::draw(
        &server.watched.film(),
        from,
        to,
        window.width,
    ))
}

async fn download(state: Server) -> Result<Response, Problem> {
    file(
        state,
        "recording.jsonl",
        "application/x-ndjson",
        |it, out| it.write_to(out),
    )
}

async fn perfetto(state: Server) -> Result<Response, Problem> {
    file(state, "perfetto.json", "application/json", |it, out| {
        it.write_chrome(out)
    })
}

/// All that is kept, as a file.
fn file(
    State(server): Server,
    name: &str,
    kind: &'static str,
    write: fn(&Recording, &mut dyn Write) -> io::Result<()>,
) -> Result<Response, Problem> {
    // What a file is made of is in memory once more, as it is at this moment.
    let Ok(permit) = server.files.clone().try_acquire_owned() else {
        let detail = "Another file is being written. Try again.";
        return Err(Problem::unavailable(detail, 1));
    };
    let recording = server.watched.all();
    let body = pieces::body(move |out| write(&recording, out), permit);
    let place = HeaderValue::try_from(format!("attachment; filename=\"{name}\""));
    let place = place.map_err(|error| Problem::internal("cannot name the file", error))?;
    Ok(([(CONTENT_DISPOSITION, place)], of_kind(kind, body)).into_response())
}

#[derive(Deserialize)]
struct HowLong {
    seconds: Option<u64>,
}

async fn pause(
    State(server): Server,
    Query(wanted): Query<HowLong>,
) -> Result<Json<Value>, Problem> {
    let seconds = wanted.seconds.map(|seconds| seconds.clamp(1, LONGEST));
    let how_long = seconds.map_or(HELD, Duration::from_secs);
    match server.watched.hold(how_long).await {
        true => Ok(Json(status(&server.watched))),
        false => {
            let detail = match server.watched.standing() {
                Standing::Recorded => "This is a recording: there is no server to hold.",
                _ => "The server was asked to end, and is not held any more.",
            };
            Err(Problem::new(StatusCode::CONFLICT, detail))
        }
    }
}

/// Lets one step through. The answer tells what happened in it.
async fn step(State(server): Server) -> Result<Json<Value>, Problem> {
    if matches!(
        server.watched.standing(),
        Standing::Runs | Standing::Recorded
    ) {
        let detail = "The server runs. Hold it first: POST /pause.";
        return Err(Problem::new(StatusCode::CONFLICT, detail));
    }
    let before = server.watched.film().range().end;
    server.watched.step().await;
    let mut answer = status(&server.watched);
    answer["step"] = tape::told(&server.watched.film(), before, u64::MAX).into();
    Ok(Json(answer))
}

async fn resume(State(server): Server) -> Json<Value> {
    server.watched.release();
    Json(status(&server.watched))
}
