use super::*;

#[runtime::test(start_paused = true)]
async fn the_page_names_every_demo_its_source_and_its_example() {
    let lab = opened();
    let page = lab.client.get("/lab").await.text().await;
    let state: Value = lab.client.get("/lab/state").await.json().await;
    let demos = state.as_object().expect("an object");
    for demo in demos.keys().filter(|name| *name != "viewers") {
        assert!(page.contains(&format!("<section id=\"{demo}\"")), "{demo}");
    }
    let names = page.split("<code>").skip(1);
    let names = names.filter_map(|rest| rest.split('<').next());
    let files: Vec<_> = names.filter(|name| name.ends_with(".rs")).collect();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    assert_eq!(files.len(), 14);
    for file in files {
        assert!(root.join(file).exists(), "{file}");
    }
}

#[runtime::test(start_paused = true)]
async fn all_that_the_page_asks_for_is_there() {
    let lab = opened();
    let page = include_str!("../page.html");
    for attribute in ["formaction=\"", "data-settings=\"", "action=\""] {
        for rest in page.split(attribute).skip(1) {
            let path = rest.split('"').next().unwrap_or_default();
            // A route that is there answers GET with 405.
            let status = lab.client.get(path).await.status();
            assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        }
    }
    for script in ["/assets/lab.js", "/assets/lab-pictures.js"] {
        assert_eq!(lab.client.get(script).await.status(), StatusCode::OK);
    }
}

#[runtime::test(start_paused = true)]
async fn a_knob_is_named_as_the_state_and_its_bounds_are_those_of_the_page() {
    let lab = opened();
    for input in include_str!("../page.html").split("<input ").skip(1) {
        let value = |name: &str| {
            let rest = input.split(&format!("{name}=\"")).nth(1).expect("is there");
            rest.split('"').next().expect("an end").to_owned()
        };
        let (name, path) = (value("name"), value("data-settings"));
        let number = |name: &str| value(name).parse::<i64>().expect("a number");
        let demo = path.split('/').nth(2).expect("a name");
        for (given, status) in [
            (number("min"), StatusCode::OK),
            (number("max"), StatusCode::OK),
            (number("max") + 1, StatusCode::BAD_REQUEST),
        ] {
            let mut settings = json!({});
            settings[&name] = json!(given);
            assert_eq!(
                lab.set(&path, settings).await,
                status,
                "{path} {name} {given}"
            );
        }
        let below = lab.set(&path, json!({ &*name: number("min") - 1 })).await;
        assert!(below.is_client_error(), "{path} {name}");
        assert_eq!(lab.state(demo).await[&name], json!(number("max")));
    }
}

#[runtime::test(start_paused = true)]
async fn settings_that_are_no_settings_change_nothing() {
    let lab = opened();
    let before = lab.state("rate").await;
    for wrong in [
        json!({ "per_second": 21, "capacity": 3 }),
        json!({ "per_second": 3, "capacity": 0 }),
        json!({ "per_second": "3" }),
        json!({ "speed": 3 }),
        json!([3]),
    ] {
        let status = lab.set("/lab/rate/settings", wrong.clone()).await;
        assert!(status.is_client_error(), "{wrong}: {status}");
    }
    assert_eq!(lab.state("rate").await, before);
    // A list says of no value which knob it is for.
    for rest in include_str!("../page.html")
        .split("data-settings=\"")
        .skip(1)
    {
        let path = rest.split('"').next().unwrap_or_default();
        for length in 0..8 {
            let list = json!(vec![Value::Null; length]);
            let status = lab.set(path, list).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path} {length}");
        }
    }
}
