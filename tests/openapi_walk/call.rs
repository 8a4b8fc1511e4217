//! Calls an operation as its description asks: the path's and the query's parameters and the body made from their
//! schemas, with things of the office where a name gives them away.

use axum::http::{Method, header};
use axum_test::TestServer;
use axum_test::multipart::{MultipartForm, Part};
use hufu::web;
use serde_json::{Map, Value, json};

use super::support::Office;

/// An operation as the document tells of it.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) id: String,
    method: Method,
    path: String,
    parameters: Vec<Value>,
    /// Content type and schema.
    body: Option<(String, Value)>,
    document: std::sync::Arc<Value>,
}

/// Every operation of the document.
pub(crate) fn operations() -> Vec<Operation> {
    let (_, document) = web::api::router().split_for_parts();
    let document = std::sync::Arc::new(serde_json::to_value(document).unwrap());
    let mut all = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, told) in methods.as_object().unwrap() {
            let Ok(method) = method.to_uppercase().parse::<Method>() else { continue };
            let body = told["requestBody"]["content"].as_object().and_then(|content| content.iter().next());
            all.push(Operation {
                id: told["operationId"].as_str().unwrap_or_else(|| panic!("{method} {path} has no name")).to_owned(),
                method,
                path: path.clone(),
                parameters: told["parameters"].as_array().cloned().unwrap_or_default(),
                body: body.map(|(kind, told)| (kind.clone(), told["schema"].clone())),
                document: document.clone(),
            });
        }
    }
    assert!(!all.is_empty());
    all
}

impl Operation {
    /// The status it answers, and what it says.
    pub(crate) async fn call(&self, server: &TestServer, office: &Office) -> (u16, String) {
        let mut path = self.path.clone();
        let mut query = Vec::new();
        for parameter in &self.parameters {
            let name = parameter["name"].as_str().unwrap();
            let value = || as_text(&self.sample(name, &parameter["schema"], office));
            match parameter["in"].as_str() {
                Some("path") => path = path.replace(&format!("{{{name}}}"), &value()),
                Some("query") if parameter["required"] == true => query.push((name.to_owned(), value())),
                _ => {}
            }
        }
        assert!(!path.contains('{'), "{}: a parameter of {path} is not described", self.id);
        // What is changed is named with its version; other operations take no notice.
        let request = server.method(self.method.clone(), &path).add_header(header::IF_MATCH, "\"1\"");
        let request = request.add_header("idempotency-key", office.ctx.new_id::<uuid::Uuid>().to_string());
        let request = query.into_iter().fold(request, |request, (name, value)| request.add_query_param(&name, value));
        let request = match &self.body {
            Some((kind, schema)) if kind == "multipart/form-data" => request.multipart(self.form(schema, office)),
            Some((kind, schema)) if kind == "application/json" => request.json(&self.sample("", schema, office)),
            Some((kind, _)) => request.bytes("x".into()).content_type(kind),
            None => request,
        };
        let answer = request.await;
        (answer.status_code().as_u16(), String::from_utf8_lossy(answer.as_bytes()).chars().take(200).collect())
    }

    fn form(&self, schema: &Value, office: &Office) -> MultipartForm {
        let schema = self.resolved(schema);
        let mut form = MultipartForm::new();
        for (name, told) in schema["properties"].as_object().unwrap() {
            if self.resolved(told)["format"] == "binary" {
                let csv = "单位代码,单位名称\nX,某单位\n".as_bytes().to_vec();
                form = form.add_part(name.clone(), Part::bytes(csv).file_name("a.csv"));
            } else if is_required(schema, name) {
                form = form.add_text(name.clone(), as_text(&self.sample(name, told, office)));
            }
        }
        form
    }

    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(pointer) => self.resolved(self.document.pointer(pointer.trim_start_matches('#')).unwrap()),
            None => schema,
        }
    }

    /// Something that the schema allows, as little as it may be.
    fn sample(&self, name: &str, schema: &Value, office: &Office) -> Value {
        let schema = self.resolved(schema);
        if let Some(known) = self.known(name, schema, office) {
            return known;
        }
        for given in ["example", "default", "const"] {
            if !schema[given].is_null() {
                return schema[given].clone();
            }
        }
        if let Some(first) = schema["enum"].as_array().and_then(|values| values.iter().find(|value| !value.is_null())) {
            return first.clone();
        }
        for several in ["oneOf", "anyOf"] {
            let kinds = schema[several].as_array().into_iter().flatten();
            if let Some(first) =
                kinds.filter(|kind| kind["type"] != "null").map(|kind| self.sample(name, kind, office)).next()
            {
                return first;
            }
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let parts = parts.iter().filter_map(|part| self.sample(name, part, office).as_object().cloned());
            return Value::Object(parts.flatten().collect());
        }
        self.of_type(schema, office)
    }

    fn of_type(&self, schema: &Value, office: &Office) -> Value {
        let kind = match &schema["type"] {
            Value::Array(kinds) => kinds.iter().find_map(|kind| kind.as_str().filter(|kind| *kind != "null")),
            kind => kind.as_str(),
        };
        match kind {
            Some("integer" | "number") => schema["minimum"].as_i64().filter(|least| *least > 0).unwrap_or(1).into(),
            Some("boolean") => false.into(),
            Some("array") => match schema["minItems"].as_u64() {
                Some(1..) => json!([self.sample("", &schema["items"], office)]),
                _ => json!([]),
            },
            Some("string") => match schema["format"].as_str() {
                Some("uuid") => office.ctx.new_id::<uuid::Uuid>().to_string().into(),
                Some("date") => "2026-11-01".into(),
                Some("date-time") => "2026-11-01T00:00:00Z".into(),
                _ => "x".repeat(usize::try_from(schema["minLength"].as_u64().unwrap_or(1).max(1)).unwrap()).into(),
            },
            _ => {
                let properties = schema["properties"].as_object().into_iter().flatten();
                let needed = properties.filter(|(name, _)| is_required(schema, name));
                Value::Object(
                    needed.map(|(name, told)| (name.clone(), self.sample(name, told, office))).collect::<Map<_, _>>(),
                )
            }
        }
    }

    /// What the office has of that name.
    fn known(&self, name: &str, schema: &Value, office: &Office) -> Option<Value> {
        if schema["format"] == "uuid" {
            return Some(match name {
                "unit" | "unit_id" => office.units[0].to_string().into(),
                "person" | "person_id" | "keeper_id" => office.people[0][2].to_string().into(),
                "place" | "place_id" => office.places[0][0].to_string().into(),
                "id" if self.id.starts_with("units_") => office.units[1].to_string().into(),
                "id" if self.id.starts_with("people_") => office.people[1][3].to_string().into(),
                "id" if self.id.starts_with("places_") => office.places[1][1].to_string().into(),
                _ => return None,
            });
        }
        match name {
            "number" | "campaign"
                if self.id.starts_with("campaigns_") && self.path.contains(&format!("{{{name}}}")) =>
            {
                Some("T".into())
            }
            "number" if self.id.starts_with("items_") && self.method != Method::POST => Some("A-1".into()),
            "code" if self.id.starts_with("items_") => Some("A-1".into()),
            _ => None,
        }
    }
}

fn is_required(schema: &Value, name: &str) -> bool {
    schema["required"].as_array().is_some_and(|required| required.iter().any(|one| one == name))
}

fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
