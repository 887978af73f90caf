//! Items: the store of the guides, with all that one asks of such an interface.
//!
//! | request | answer |
//! |---|---|
//! | `GET /items?page=1&per_page=20` | a page of items, and in `Link` where the others are |
//! | `POST /items` | 201, with `Location` and `ETag` |
//! | `GET /items/{id}` | the item; 304 if `If-None-Match` has its tag |
//! | `PUT /items/{id}` | replaces it; 412 if `If-Match` has another tag |
//! | `PATCH /items/{id}` | changes the fields that are named (a JSON merge patch), likewise |
//! | `DELETE /items/{id}` | 204, likewise |
//! | `GET /api/search?q=wool&page=1` | the items that contain this text |
//!
//! The path of one request goes through four short files: this one reads the request, `item` knows
//! what an item may be, `conditions` compares versions, `store` keeps them.

mod conditions;
mod item;
mod store;

use std::path::Path as FilePath;

use http::header::{ETAG, LINK, LOCATION};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use server::extract::{Path, Query, State};
use server::response::{IntoResponse, Response};
use server::routing::get;
use server::{Json, Router};

use crate::object::Object;
use crate::pages::{Problem, page, script};
use conditions::Expected;
use item::{Change, Item, NewItem};
use store::{Changed, Listed, Store};

/// Opens the store in this folder.
pub(crate) async fn open(folder: &FilePath) -> Result<Router, String> {
    let store = Store::open(folder).await;
    let store = store.map_err(|error| format!("cannot open the items: {error}"))?;
    Ok(Router::new()
        .route("/items", get(list).post(create))
        .route("/items/page", get(show))
        .route("/assets/items.js", script(include_str!("page.js")))
        .route(
            "/items/{id}",
            get(read).put(replace).patch(change).delete(delete),
        )
        .route("/api/search", get(search))
        .with_state(store))
}

async fn show() -> Response {
    page("Items", include_str!("page.html"), Some("/assets/items.js"))
}

/// Which page of a list.
#[derive(Debug, Deserialize)]
struct Paging {
    #[serde(default = "first")]
    page: u64,
    #[serde(default = "usual")]
    per_page: u32,
    q: Option<String>,
}

fn first() -> u64 {
    1
}

fn usual() -> u32 {
    20
}

impl Paging {
    /// The place of the first item, if the numbers make sense.
    fn first(&self) -> Result<u64, Problem> {
        const MOST: u32 = 100;
        /// SQLite counts up to here.
        const LAST: u64 = i64::MAX as u64;
        if self.page == 0 || self.per_page == 0 || self.per_page > MOST {
            let detail = format!("`page` begins at 1, and `per_page` is 1 to {MOST}.");
            return Err(Problem::bad_request(detail));
        }
        let first = (self.page - 1).checked_mul(self.per_page.into());
        first
            .filter(|first| *first <= LAST)
            .ok_or_else(|| Problem::bad_request("`page` is too large."))
    }
}

/// A page of items.
#[derive(Debug, Serialize)]
struct Page {
    items: Vec<Item>,
    page: u64,
    per_page: u32,
    total: u64,
}

async fn list(
    State(store): State<Store>,
    Query(paging): Query<Paging>,
) -> Result<Response, Problem> {
    let found = store.list(paging.first()?, paging.per_page, None).await?;
    Ok(shown("/items?", &paging, found))
}

async fn search(
    State(store): State<Store>,
    Query(paging): Query<Paging>,
) -> Result<Response, Problem> {
    const LONGEST: usize = 100;
    let words = paging.q.as_deref().unwrap_or_default().trim().to_owned();
    // To SQLite, a text ends where a zero is.
    let is_text = !words.chars().any(char::is_control);
    if words.is_empty() || words.chars().count() > LONGEST || !is_text {
        let detail = format!(
            "`q` must have 1 to {LONGEST} characters, and no control characters: /api/search?q=wool."
        );
        return Err(Problem::bad_request(detail));
    }
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("q", &words)
        .finish();
    let found = store.list(paging.first()?, paging.per_page, Some(words));
    Ok(shown(
        &format!("/api/search?{query}&"),
        &paging,
        found.await?,
    ))
}

/// The answer, with links to the pages around it (RFC 8288).
fn shown(path: &str, paging: &Paging, found: Listed) -> Response {
    let (number, size) = (paging.page, paging.per_page);
    let last = found.total.div_ceil(size.into()).max(1);
    let mut links = Vec::new();
    let mut link = |relation: &str, page: u64| {
        links.push(format!(
            "<{path}page={page}&per_page={size}>; rel=\"{relation}\""
        ));
    };
    link("first", 1);
    if number > 1 {
        link("prev", (number - 1).min(last));
    }
    if number < last {
        link("next", number + 1);
    }
    link("last", last);
    let links = HeaderValue::from_str(&links.join(", "));
    let body = Json(Page {
        items: found.items,
        page: number,
        per_page: size,
        total: found.total,
    });
    let links: HeaderMap = links.into_iter().map(|links| (LINK, links)).collect();
    (links, body).into_response()
}

async fn create(
    State(store): State<Store>,
    Json(Object(new)): Json<Object<NewItem>>,
) -> Result<Response, Problem> {
    let item = store.create(new.checked()?).await?;
    let place = HeaderValue::from_str(&format!("/items/{}", item.id));
    let place: HeaderMap = place.into_iter().map(|place| (LOCATION, place)).collect();
    Ok((StatusCode::CREATED, place, tagged(item)).into_response())
}

async fn read(
    State(store): State<Store>,
    Path(id): Path<i64>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let item = store.get(checked(id)?).await?.ok_or_else(missing)?;
    let unchanged = Expected::new(&headers)?.unchanged(&item)?;
    Ok(unchanged.unwrap_or_else(|| tagged(item)))
}

async fn replace(
    State(store): State<Store>,
    Path(id): Path<i64>,
    headers: HeaderMap,
    Json(Object(new)): Json<Object<NewItem>>,
) -> Result<Response, Problem> {
    let (new, expected) = (new.checked()?, Expected::new(&headers)?);
    let decide = move |item: &Item| expected.allows(item).map(|()| new);
    done(store.change(checked(id)?, decide).await?).map(tagged)
}

async fn change(
    State(store): State<Store>,
    Path(id): Path<i64>,
    headers: HeaderMap,
    Json(Object(change)): Json<Object<Change>>,
) -> Result<Response, Problem> {
    let expected = Expected::new(&headers)?;
    let decide = move |item: &Item| {
        expected.allows(item)?;
        change.apply(item).checked()
    };
    done(store.change(checked(id)?, decide).await?).map(tagged)
}

async fn delete(
    State(store): State<Store>,
    Path(id): Path<i64>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let expected = Expected::new(&headers)?;
    let decide = move |item: &Item| expected.allows(item);
    done(store.delete(checked(id)?, decide).await?).map(|_| StatusCode::NO_CONTENT)
}

fn checked(id: i64) -> Result<i64, Problem> {
    match id {
        1.. => Ok(id),
        _ => Err(Problem::bad_request("An id is a number from 1 on.")),
    }
}

fn missing() -> Problem {
    Problem::not_found("There is no item with this id. GET /items lists them.")
}

fn done(changed: Changed<Problem>) -> Result<Item, Problem> {
    match changed {
        Changed::Done(item) => Ok(item),
        Changed::Missing => Err(missing()),
        Changed::Refused(problem) => Err(problem),
    }
}

fn tagged(item: Item) -> Response {
    let tag = HeaderValue::from_str(&item.etag());
    let tag: HeaderMap = tag.into_iter().map(|tag| (ETAG, tag)).collect();
    (tag, Json(item)).into_response()
}

#[cfg(test)]
mod tests;
