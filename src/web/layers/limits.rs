//! What the OpenAPI document says of a query's values — how long, how large — holds before any handler runs: the limit
//! stands once, beside the parameter that it is of.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{MatchedPath, Query, Request, State};
use axum::http::Uri;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;
use utoipa::openapi::OpenApi;

use crate::web::ApiError;

/// The limits of every operation's query.
#[derive(Debug, Clone, Default)]
pub struct Limits(Arc<HashMap<(String, String), Vec<Limit>>>);

/// What a value of one parameter keeps to. Lengths in characters.
#[derive(Debug, Clone, PartialEq)]
struct Limit {
    name: String,
    lengths: (u64, Option<u64>),
    values: (Option<f64>, Option<f64>),
}

impl Limits {
    /// As the document has them.
    #[must_use]
    pub fn of(document: &OpenApi) -> Self {
        let document = serde_json::to_value(document).unwrap_or_default();
        let mut limits = HashMap::new();
        for (path, operations) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in operations.as_object().into_iter().flatten() {
                let parameters = operation["parameters"].as_array().into_iter().flatten();
                let found: Vec<_> = parameters.filter_map(Limit::of).collect();
                if !found.is_empty() {
                    limits.insert((method.to_ascii_uppercase(), path.clone()), found);
                }
            }
        }
        Self(Arc::new(limits))
    }

    fn check(&self, method: &str, path: &str, uri: &Uri) -> Result<(), ApiError> {
        let Some(limits) = self.0.get(&(method.to_owned(), path.to_owned())) else { return Ok(()) };
        let Ok(Query(values)) = Query::<Vec<(String, String)>>::try_from_uri(uri) else { return Ok(()) };
        for (name, value) in values {
            if let Some(limit) = limits.iter().find(|limit| limit.name == name) {
                limit.check(&value)?;
            }
        }
        Ok(())
    }
}

impl Limit {
    fn of(parameter: &Value) -> Option<Self> {
        let schema = &parameter["schema"];
        let limit = Self {
            name: parameter["name"].as_str()?.to_owned(),
            lengths: (schema["minLength"].as_u64().unwrap_or(0), schema["maxLength"].as_u64()),
            values: (schema["minimum"].as_f64(), schema["maximum"].as_f64()),
        };
        let says = limit.lengths != (0, None) || limit.values != (None, None);
        (says && parameter["in"] == "query").then_some(limit)
    }

    fn check(&self, value: &str) -> Result<(), ApiError> {
        let refuse = |reason: String| Err(ApiError::invalid(&self.name, reason));
        let (length, (shortest, longest)) = (value.chars().count() as u64, self.lengths);
        if length < shortest {
            return refuse(format!("“{}”至少 {shortest} 个字", self.name));
        }
        if let Some(longest) = longest.filter(|longest| length > *longest) {
            return refuse(format!("“{}”最多 {longest} 个字", self.name));
        }
        // What is no number is refused by whoever reads it.
        let Ok(number) = value.parse::<f64>() else { return Ok(()) };
        match self.values {
            (Some(least), _) if number < least => refuse(format!("“{}”不能小于 {least}", self.name)),
            (_, Some(most)) if number > most => refuse(format!("“{}”不能大于 {most}", self.name)),
            _ => Ok(()),
        }
    }
}

/// Refuses a query whose values are outside what the document allows.
pub async fn layer(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let checked = limits.check(request.method().as_str(), path, request.uri());
    match checked {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::api;

    fn refusal(method: &str, path: &str, query: &str) -> Option<String> {
        let (_, document) = api::router().split_for_parts();
        let uri = format!("{path}?{query}").parse().expect("an address");
        match Limits::of(&document).check(method, path, &uri) {
            Ok(()) => None,
            Err(ApiError::Invalid { field, reason }) => Some(format!("{}: {reason}", field.unwrap_or_default())),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_value_outside_what_the_document_says_is_refused_by_name() {
        let long = format!("code={}", "9".repeat(65));
        let cases = [
            ("/api/v1/assets/classes/resolve", "code=", Some("code: “code”至少 1 个字")),
            ("/api/v1/assets/classes/resolve", long.as_str(), Some("code: “code”最多 64 个字")),
            ("/api/v1/assets/classes/resolve", "code=2010104", None),
            ("/api/v1/assets/missing-lists", "list_year=1989", Some("list_year: “list_year”不能小于 1990")),
            ("/api/v1/assets/missing-lists", "list_year=3000", Some("list_year: “list_year”不能大于 2999")),
            ("/api/v1/assets/missing-lists", "list_year=1990", None),
            ("/api/v1/assets/missing-lists", "list_year=soon", None),
            ("/api/v1/assets/missing-lists", "", None),
            ("/api/v1/nowhere", "list_year=1", None),
        ];
        for (path, query, wanted) in cases {
            assert_eq!(refusal("GET", path, query).as_deref(), wanted, "{path}?{query}");
        }
        assert_eq!(refusal("POST", "/api/v1/assets/missing-lists", "list_year=1"), None, "not of this operation");
    }
}
