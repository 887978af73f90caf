//! What the inspector answers.
//!
//! | request | answer |
//! |---|---|
//! | `GET /` | the page |
//! | `GET /live` | events: four times a second, the state and the sums |
//! | `GET /requests?what=&status=&slower=&open=&at=` | the newest requests, each with what its time was spent on; with `at`, `open` means those under way after so many events |
//! | `GET /recording?from=&to=` | events of these numbers, told, as lines of JSON |
//! | `GET /state?at=`, `?us=` | the moment after so many events, or at a time: the state, with sentence, causes, lines of source |
//! | `GET /timeline?from=&to=&width=` | polls and wakes between two times, in microseconds |
//! | `GET /lanes?from=&to=&width=&time=` | of several hosts, what each does at these places of their order, to be drawn by place, or by time |
//! | `GET /recording.jsonl`, `GET /perfetto.json` | all that is kept, as a file |
//! | `POST /pause?seconds=`, `/step`, `/resume` | holds the server, lets one step through, lets it go |
//! | `POST /keep?from=` | writes what happened from an event on, or in the last 30 seconds, into a file of the folder `frozen` |
//! | `POST /open` | shows the recordings of a form instead of those that are shown |
//!
//! Of several hosts (`lanes`), `at` and the numbers of events are places in the order of all. `host=` says at which
//! of them the panels are kept.

use std::cell::RefCell;
use std::io::{self, Write};
use std::path::{self, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use http::header::CONTENT_DISPOSITION;
use http::{HeaderValue, StatusCode};
use runtime::sync::{OwnedSemaphorePermit, Semaphore};
use runtime::trace::Recording;
use serde::Deserialize;
use serde_json::{Value, json};
use server::Router;
use server::extract::multipart::MultipartRejection;
use server::extract::{DefaultBodyLimit, Multipart, Query, State};
use server::middleware::from_fn_with_state;
use server::response::{IntoResponse, Json, Response};
use server::routing::{get, post};

use super::drawing::Paper;
use super::frozen;
use super::guard::{self, Token};
use super::lanes::{self, Focus};
use super::requests::{self, Wanted};
use super::shown::Shown;
use super::watched::{HELD, Standing};
use super::{chosen, page, pieces, tape, timeline};
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
    shown: RefCell<Rc<Shown>>,
    viewers: Viewers,
    /// Where files are written.
    folder: PathBuf,
    /// One file at a time.
    files: Arc<Semaphore>,
}

impl Inspected {
    fn shown(&self) -> Rc<Shown> {
        self.shown.borrow().clone()
    }
}

type Server = State<Rc<Inspected>>;

/// All of it, for those who have the token.
pub(super) fn routes(shown: Shown, token: Token, folder: PathBuf) -> Router {
    Router::new()
        .route("/", get(page::page))
        .route("/live", get(live))
        .route("/requests", get(list))
        .route("/recording", get(recording))
        .route("/state", get(state))
        .route("/timeline", get(draw))
        .route("/lanes", get(draw_lanes))
        .route("/recording.jsonl", get(download))
        .route("/perfetto.json", get(perfetto))
        .route("/pause", post(pause))
        .route("/step", post(step))
        .route("/resume", post(resume))
        .route("/keep", post(keep))
        .route(
            "/open",
            post(open).layer(DefaultBodyLimit::max(chosen::LARGEST)),
        )
        .with_state(Rc::new(Inspected {
            shown: RefCell::new(Rc::new(shown)),
            viewers: Viewers::new(PAGES, EACH),
            folder,
            files: Arc::new(Semaphore::new(1)),
        }))
        .layer(from_fn_with_state(token, guard::check))
}

async fn live(State(server): Server) -> Result<Response, Problem> {
    let watched = server.clone();
    server.viewers.watch(move || watched.shown().status())
}

async fn list(
    State(server): Server,
    Query(focus): Query<Focus>,
    Query(wanted): Query<Wanted>,
) -> Json<Value> {
    let shown = server.shown();
    let accounts = shown.part(focus).watched.accounts();
    let place = |number| shown.place(focus, number);
    Json(requests::of(&accounts, &wanted, &place))
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
    let told = server.shown().told(events.from, events.to);
    let lines: String = told.iter().map(|event| format!("{event}\n")).collect();
    of_kind("application/x-ndjson", lines)
}

/// The moment after so many events, or at a time in microseconds.
#[derive(Deserialize)]
struct At {
    at: Option<u64>,
    us: Option<u64>,
}

async fn state(
    State(server): Server,
    Query(wanted): Query<At>,
    Query(focus): Query<Focus>,
    Query(found): Query<lanes::Wanted>,
) -> Result<Json<Value>, Problem> {
    let part = match &*server.shown() {
        Shown::One(part, _) => Rc::clone(part),
        Shown::Many(lanes, _) => return Ok(Json(lanes.moment(focus, found))),
    };
    let film = part.watched.film();
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
    let moment = tape::moment(&film, at, &part.sources, tape::chain);
    moment.map(Json).ok_or_else(missing)
}

#[derive(Deserialize)]
struct Window {
    from: u64,
    to: u64,
    width: u64,
}

async fn draw(
    State(server): Server,
    Query(window): Query<Window>,
    Query(focus): Query<Focus>,
) -> Json<Value> {
    let [from, to] = [window.from, window.to.max(window.from)].map(Duration::from_micros);
    let shown = server.shown();
    let film = shown.part(focus).watched.film();
    Json(timeline::draw(&film, from, to, window.width))
}

#[derive(Deserialize)]
struct Places {
    from: usize,
    to: usize,
}

async fn draw_lanes(
    State(server): Server,
    Query(places): Query<Places>,
    Query(paper): Query<Paper>,
) -> Result<Json<Value>, Problem> {
    match &*server.shown() {
        Shown::Many(lanes, _) => Ok(Json(lanes.draw(places.from, places.to, paper))),
        Shown::One(..) => Err(Problem::not_found(
            "There are no lanes: one recording is shown, or a server.",
        )),
    }
}

async fn download(state: Server, Query(focus): Query<Focus>) -> Result<Response, Problem> {
    let recording = state.shown().part(focus).watched.all();
    let write = move |out: &mut dyn Write| recording.write_to(out);
    file(state, "recording.jsonl", "application/x-ndjson", write)
}

async fn perfetto(state: Server) -> Result<Response, Problem> {
    let all = state.shown().all();
    let write = move |out: &mut dyn Write| match &all[..] {
        [(_, recording)] => recording.write_chrome(out),
        _ => {
            let named = all.iter().map(|(host, recording)| (&**host, recording));
            Recording::write_chrome_of_all(named, out)
        }
    };
    file(state, "perfetto.json", "application/json", write)
}

/// All that is kept, as a file.
fn file(
    State(server): Server,
    name: &str,
    kind: &'static str,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static,
) -> Result<Response, Problem> {
    let permit = permit(&server)?;
    let body = pieces::body(write, permit);
    let place = HeaderValue::try_from(format!("attachment; filename=\"{name}\""));
    let place = place.map_err(|error| Problem::internal("cannot name the file", error))?;
    Ok(([(CONTENT_DISPOSITION, place)], of_kind(kind, body)).into_response())
}

/// What a file is made of is in memory once more, as it is at this moment.
fn permit(server: &Inspected) -> Result<OwnedSemaphorePermit, Problem> {
    let permit = server.files.clone().try_acquire_owned();
    permit.map_err(|_| Problem::unavailable("Another file is being written. Try again.", 1))
}

#[derive(Deserialize)]
struct Since {
    from: Option<u64>,
}

/// Writes what has happened into a file. The answer says where it is, and how to step through it.
async fn keep(State(server): Server, Query(since): Query<Since>) -> Result<Json<Value>, Problem> {
    let shown = server.shown();
    if !shown.is_live() {
        let detail = "This is a recording: it is in a file already.";
        return Err(Problem::new(StatusCode::CONFLICT, detail));
    }
    let _permit = permit(&server)?;
    let recording = shown.first().watched.since(since.from);
    let what = since.from.map_or("in the last 30 s".to_owned(), |event| {
        format!("since event {event}")
    });
    let missing = || Problem::not_found(format!("What happened {what} is not kept any more."));
    let recording = recording.ok_or_else(missing)?;
    let cannot = |error| {
        let detail = format!("Cannot write in {}: {error}", server.folder.display());
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
    };
    let file = frozen::save(recording, server.folder.clone()).await;
    let file = file.and_then(path::absolute).map_err(cannot)?;
    let file = file.display();
    let text = format!(
        "What happened {what} is in {file}. To step through it: cargo run --example stepper -- '{file}'"
    );
    Ok(Json(json!({ "file": file.to_string(), "text": text })))
}

/// Shows the recordings that a person has chosen or dropped.
async fn open(
    State(server): Server,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Json<Value>, Problem> {
    if server.shown().is_live() {
        let detail = "This page is of a server that runs. Files are shown by: server --show FILE";
        return Err(Problem::new(StatusCode::CONFLICT, detail));
    }
    let shown = Shown::of(chosen::read(form).await?);
    let status = shown.status();
    server.shown.replace(Rc::new(shown));
    Ok(Json(status))
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
    let shown = server.shown();
    match shown.first().watched.hold(how_long).await {
        true => Ok(Json(shown.status())),
        false => {
            let detail = match shown.first().watched.standing() {
                Standing::Recorded => "This is a recording: there is no server to hold.",
                _ => "The server was asked to end, and is not held any more.",
            };
            Err(Problem::new(StatusCode::CONFLICT, detail))
        }
    }
}

/// Lets one step through. The answer tells what happened in it.
async fn step(State(server): Server) -> Result<Json<Value>, Problem> {
    let shown = server.shown();
    let watched = &shown.first().watched;
    if matches!(watched.standing(), Standing::Runs | Standing::Recorded) {
        let detail = "The server runs. Hold it first: POST /pause.";
        return Err(Problem::new(StatusCode::CONFLICT, detail));
    }
    let before = watched.film().range().end;
    watched.step().await;
    let mut answer = shown.status();
    answer["step"] = shown.told(before, u64::MAX).into();
    Ok(Json(answer))
}

async fn resume(State(server): Server) -> Json<Value> {
    let shown = server.shown();
    shown.first().watched.release();
    Json(shown.status())
}
