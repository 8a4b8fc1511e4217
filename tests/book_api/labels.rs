//! Printing, claiming, voiding, previews, what waits for a reprint.

use serde_json::{Value, json};

use super::desk::{Desk, get, send, told};

#[tokio::test]
async fn printed_again_renewed_and_resolved() {
    let desk = Desk::open().await;
    desk.stock(&["A-1", "A-2"]).await;
    let code =
        async || get(&desk.clerk, "/api/v1/items/A-1").await.json::<Value>()["label"].as_str().unwrap().to_owned();
    assert_eq!(told(&get(&desk.clerk, "/api/v1/items/A-1/label.png").await).0, 404, "no label yet");
    let both = json!({ "items": ["A-1", "A-2"], "places": [desk.office.places[0][0]] });
    let printed = send(&desk.clerk, ("POST", "/api/v1/labels/print"), &both, None).await;
    assert_eq!((told(&printed).0, printed.content_type()), (201, "application/pdf".to_owned()));
    assert!(printed.as_bytes().starts_with(b"%PDF"));
    let first = code().await;
    let print = async |body: Value| send(&desk.clerk, ("POST", "/api/v1/labels/print"), &body, None).await;
    print(json!({ "items": ["A-1"] })).await;
    assert_eq!(code().await, first, "the same paper once more");
    print(json!({ "items": ["A-1"], "renew": true })).await;
    let second = code().await;
    assert_ne!(second, first);
    let resolved = async |text: &str| get(&desk.clerk, &format!("/api/v1/resolve/{text}")).await.json::<Value>();
    let old = resolved(&first).await;
    assert_eq!((&old["state"], &old["item"]["item_number"]), (&json!("superseded"), &json!("A-1")));
    assert!(old["warning"].as_str().unwrap().contains("换贴"));
    assert_eq!(resolved(&second.to_lowercase()).await["state"], json!("current"));
    assert_eq!(resolved("a-1").await["state"], json!("number"));
    for (format, start, media) in [
        ("png", &b"\x89PNG"[..], "image/png"),
        ("svg", b"<", "image/svg+xml"),
        ("zpl", b"^XA", "application/octet-stream"),
        ("tspl", b"SIZE", "application/octet-stream"),
    ] {
        let file = print(json!({ "items": ["A-1"], "paper": { "format": format } })).await;
        assert_eq!((told(&file).0, file.content_type()), (201, media.to_owned()), "{format}");
        assert!(file.as_bytes().starts_with(start), "{format}");
    }
    let preview = get(&desk.clerk, "/api/v1/items/A-1/label.png?dpi=100").await;
    assert!(preview.as_bytes().starts_with(b"\x89PNG"));
    let label = get(&desk.clerk, &format!("/api/v1/labels/{second}")).await.json::<Value>();
    assert_eq!(
        (&label["state"], &label["generation"], &label["print_count"]),
        (&json!("current"), &json!(2), &json!(5))
    );
}

#[tokio::test]
async fn wrong_paper_is_told_before_a_label_is_made() {
    let desk = Desk::open().await;
    desk.stock(&["A-1", "A-2"]).await;
    for (body, status, field) in [
        (json!({ "items": ["A-1"], "paper": { "template": "../../etc/passwd.toml" } }), 422, Some("template")),
        (json!({ "items": ["A-1"], "paper": { "template": "/etc/hostname" } }), 422, Some("template")),
        (json!({ "items": ["A-1"], "paper": { "sheet": "a9" } }), 422, Some("sheet")),
        (json!({ "items": ["A-1"], "paper": { "skip": 3 } }), 422, Some("skip")),
        (json!({ "items": ["A-1"], "paper": { "sheet": "a4-3x8", "skip": 24 } }), 422, Some("skip")),
        (json!({ "items": ["A-1"], "paper": { "sheet": "a4-3x8", "format": "zpl" } }), 422, Some("sheet")),
        (json!({ "items": ["A-1"], "paper": { "dpi": 71, "format": "png" } }), 422, Some("dpi")),
        (json!({ "items": ["A-1"], "paper": { "dpi": 1_000_000, "format": "png" } }), 422, Some("dpi")),
        (json!({ "items": ["A-1", "A-2"], "paper": { "format": "png" } }), 422, Some("format")),
        (json!({ "items": [] }), 422, None),
        (json!({ "items": ["A-9"] }), 404, None),
        (json!({ "items": ["\u{0}"] }), 404, None),
        (json!({ "items": vec!["A-1"; 2001] }), 422, None),
    ] {
        let refused = send(&desk.clerk, ("POST", "/api/v1/labels/print"), &body, None).await;
        assert_eq!(
            told(&refused),
            (status, field.map(str::to_owned)),
            "{}",
            body.to_string().get(..80).unwrap_or_default()
        );
    }
    assert_eq!(get(&desk.clerk, "/api/v1/items/A-1").await.json::<Value>()["label"], Value::Null);
    for count in [0, 2001, u32::MAX] {
        let refused = send(&desk.clerk, ("POST", "/api/v1/labels/blanks"), &json!({ "count": count }), None).await;
        assert_eq!(told(&refused).0, 422, "{count}");
    }
}

#[tokio::test]
async fn a_blank_is_claimed_once_and_a_label_voided_once() {
    let desk = Desk::open().await;
    desk.stock(&["A-1"]).await;
    let office = &desk.office;
    let blanks = hufu::items::labels::print_blanks(&office.db, &office.ctx, 2, "blank-40x30").await.unwrap();
    let claim = format!("/api/v1/labels/{}/claim", blanks[0]);
    let claimed = send(&desk.clerk, ("POST", &claim), &json!({ "item_number": "A-1" }), None).await;
    assert_eq!((told(&claimed).0, &claimed.json::<Value>()["state"]), (200, &json!("current")));
    assert_eq!(told(&send(&desk.clerk, ("POST", &claim), &json!({ "item_number": "A-1" }), None).await).0, 409);
    let unknown = "/api/v1/labels/HF000000000/claim";
    assert_eq!(told(&send(&desk.clerk, ("POST", unknown), &json!({ "item_number": "A-1" }), None).await).0, 404);
    let void = format!("/api/v1/labels/{}/void", blanks[0]);
    let voided =
        async |reason: &str| told(&send(&desk.clerk, ("POST", &void), &json!({ "reason": reason }), None).await);
    assert_eq!(voided(" ").await, (422, Some("reason".to_owned())));
    assert_eq!(voided("撕毁").await, (200, None));
    assert_eq!(voided("撕毁").await.0, 409);
    let resolved = get(&desk.clerk, &format!("/api/v1/resolve/{}", blanks[0])).await.json::<Value>();
    assert_eq!((&resolved["state"], &resolved["item"]["item_number"]), (&json!("void"), &json!("A-1")));
    // Whose it was is nobody else's to know.
    assert_eq!(told(&get(&desk.stranger, &format!("/api/v1/resolve/{}", blanks[0])).await).0, 404);
    let blank = get(&desk.stranger, &format!("/api/v1/resolve/{}", blanks[1])).await.json::<Value>();
    assert_eq!(blank["state"], json!("blank"));
}

#[tokio::test]
async fn what_no_longer_tells_the_truth_waits_and_is_printed_anew() {
    let desk = Desk::open().await;
    desk.stock(&["A-1", "A-2", "A-3"]).await;
    send(&desk.clerk, ("POST", "/api/v1/labels/print"), &json!({ "items": ["A-1", "A-2", "A-3"] }), None).await;
    for number in ["A-1", "A-2", "A-3"] {
        let change = json!({ "place_id": desk.office.places[0][1], "reason": "搬家" });
        let moved = send(&desk.clerk, ("PATCH", &format!("/api/v1/items/{number}")), &change, Some(1)).await;
        assert_eq!(told(&moved).0, 200);
    }
    let first = get(&desk.clerk, "/api/v1/labels/reprints?limit=2").await.json::<Value>();
    let numbers = |page: &Value| -> Vec<Value> {
        page["rows"].as_array().unwrap().iter().map(|row| row["item_number"].clone()).collect()
    };
    let next = first["next"].as_str().unwrap();
    let rest = get(&desk.clerk, &format!("/api/v1/labels/reprints?after={next}")).await.json::<Value>();
    let mut all = numbers(&first);
    all.extend(numbers(&rest));
    all.sort_by_key(Value::to_string);
    assert_eq!(all, ["A-1", "A-2", "A-3"]);
    assert_eq!(numbers(&get(&desk.stranger, "/api/v1/labels/reprints").await.json()), Vec::<Value>::new());
    let printed = send(&desk.clerk, ("POST", "/api/v1/labels/print"), &json!({ "reprints": true }), None).await;
    assert_eq!(told(&printed).0, 201);
    assert_eq!(numbers(&get(&desk.clerk, "/api/v1/labels/reprints").await.json()), Vec::<Value>::new());
    assert_eq!(told(&get(&desk.clerk, "/api/v1/labels/reprints?after=x").await), (422, Some("after".to_owned())));
}
