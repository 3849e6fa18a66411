//! `GET /api/v1/openapi.json`: the API as a machine reads it. Addresses and types come from the handlers, what each needs
//! from the access table; a test asserts that the two name the same requests.

use std::sync::LazyLock;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use utoipa::{
    OpenApi,
    openapi::{
        Content, Ref, RefOr, Required,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn},
        response::ResponseBuilder,
        schema::{ComponentsBuilder, ObjectBuilder, Type},
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use super::{
    audit, campaigns, exports, inbound, installation, messaging,
    messaging::{MessagingError, is_of_messaging},
    numbers,
    problem::{FieldProblem, Written},
    recipients, senders, suppressions, uploads, usage, webhooks, workspace,
};
use crate::access::{ACCESS, Access, Needs};

const KEY: &str = "key";
const INSTALLATION_KEY: &str = "installation_key";
const PROBLEM_JSON: &str = "application/problem+json";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Message Center",
        version = "1",
        description = "SMS campaigns of a workspace. docs/API.md says how keys, errors, lists and repeated requests work."
    ),
    paths(
        document,
        workspace::show,
        campaigns::list,
        campaigns::create,
        campaigns::show,
        campaigns::change,
        campaigns::submit,
        campaigns::start,
        campaigns::pause,
        campaigns::resume,
        campaigns::cancel,
        campaigns::finish,
        campaigns::archive,
        campaigns::restore,
        recipients::list,
        recipients::search,
        recipients::rejects,
        numbers::add,
        numbers::show,
        uploads::put,
        uploads::show,
        senders::list,
        senders::channels,
        suppressions::list,
        suppressions::add,
        suppressions::check,
        suppressions::remove,
        inbound::list,
        exports::list,
        exports::request,
        exports::show,
        exports::remove,
        exports::file,
        webhooks::list,
        webhooks::create,
        webhooks::show,
        webhooks::change,
        webhooks::remove,
        webhooks::rotate,
        webhooks::test,
        webhooks::deliveries,
        webhooks::redeliver,
        usage::show,
        audit::list,
        installation::workspaces,
        installation::usage,
        messaging::brands::list,
        messaging::brands::create,
        messaging::brands::show,
        messaging::brands::change,
        messaging::brands::remove,
        messaging::brands::vetting,
        messaging::brands::resubmit,
        messaging::brands::confirm,
        messaging::brands::sync,
        messaging::campaigns::list,
        messaging::campaigns::create,
        messaging::campaigns::show,
        messaging::campaigns::change,
        messaging::campaigns::remove,
        messaging::campaigns::resubmit,
        messaging::campaigns::share,
        messaging::campaigns::sync,
        messaging::campaigns::mno,
        messaging::numbers::list,
        messaging::numbers::assign,
        messaging::numbers::remove,
        messaging::numbers::confirm,
        messaging::lookups::use_cases,
        messaging::lookups::entity_types,
        messaging::lookups::verticals,
        messaging::lookups::carriers,
        messaging::lookups::requirements,
        messaging::lookups::throughput,
        messaging::events::list,
        messaging::events::replay,
        messaging::events::webhook,
    ),
    components(schemas(Written, FieldProblem, MessagingError))
)]
struct Paths;

static DOCUMENT: LazyLock<String> = LazyLock::new(|| complete().to_json().unwrap_or_default());

/// This document
///
/// OpenAPI 3.1. It needs no key.
#[utoipa::path(get, path = "/api/v1/openapi.json", responses((status = 200, body = Object, content_type = "application/json")))]
pub async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.as_str()).into_response()
}

/// The document with what holds for many requests: keys, errors, and the key under which a request may be repeated.
fn complete() -> utoipa::openapi::OpenApi {
    let mut document = Paths::openapi();
    let scheme = |description: &str| {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(description));
        SecurityScheme::Http(bearer.build())
    };
    let components = document.components.take().map_or_else(ComponentsBuilder::new, ComponentsBuilder::from);
    let components = components
        .security_scheme(KEY, scheme("A key of a workspace, which begins with mc_; for /api/v1/messaging also a person's, which begins with mcr_."))
        .security_scheme(INSTALLATION_KEY, scheme("A key of the installation, which begins with mci_."));
    document.components = Some(components.build());
    for row in ACCESS.iter().filter(|row| row.path.starts_with("/api/v1")) {
        let Some(item) = document.paths.paths.get_mut(row.path) else { continue };
        let operation = match row.method.as_str() {
            "GET" => &mut item.get,
            "POST" => &mut item.post,
            "PUT" => &mut item.put,
            "PATCH" => &mut item.patch,
            "DELETE" => &mut item.delete,
            _ => continue,
        };
        if let Some(operation) = operation {
            fill(operation, row);
        }
    }
    document
}

fn fill(operation: &mut Operation, row: &Access) {
    operation.operation_id = Some(row.name().to_lowercase().replace(['/', ' ', '{', '}', '.'], "_"));
    let needs = match row.needs {
        Needs::Key(scope) => Some((KEY, format!("Needs a key with `{}`.", scope.name()))),
        Needs::StaffKey(scope) => {
            Some((KEY, format!("Needs a key with `{}` of staff or of a super admin.", scope.name())))
        }
        Needs::AnyKey => Some((KEY, "Needs a key, whatever its scopes.".to_owned())),
        Needs::InstallationKey => Some((INSTALLATION_KEY, "Needs a key of the installation.".to_owned())),
        _ => None,
    };
    let mut statuses = vec![500, 503];
    if let Some((scheme, sentence)) = needs {
        operation.security = Some(vec![SecurityRequirement::new::<_, [String; 0], String>(scheme, [])]);
        let before = operation.description.take().map(|text| format!("{text}\n\n")).unwrap_or_default();
        operation.description = Some(format!("{before}{sentence}"));
        statuses.extend([401, 403, 429]);
    }
    let parameters = operation.parameters.get_or_insert_default();
    if is_of_messaging(row.path) && needs_key(row) {
        parameters.push(RefOr::T(customer()));
        statuses.push(422);
    }
    // A workspace that is not there or not open to the caller; for the webhook, a registry that is not configured.
    if is_of_messaging(row.path) {
        statuses.push(404);
    }
    if row.path.contains('{') {
        statuses.extend([400, 404]);
    }
    let of_query = |parameter: &RefOr<Parameter>| matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query);
    if parameters.iter().any(of_query) {
        statuses.push(422);
    }
    if row.method != http::Method::GET {
        statuses.extend([400, 409, 413, 415, 422]);
    }
    if row.method == http::Method::POST {
        parameters.push(RefOr::T(idempotency_key()));
    }
    for status in statuses {
        let name = axum::http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
        let (schema, kind) =
            if is_of_messaging(row.path) { ("MessagingError", "application/json") } else { ("Problem", PROBLEM_JSON) };
        let problem = Content::new(Some(RefOr::Ref(Ref::from_schema_name(schema))));
        let response = ResponseBuilder::new().description(name.unwrap_or("Error")).content(kind, problem);
        operation.responses.responses.entry(status.to_string()).or_insert_with(|| response.build().into());
    }
}

fn needs_key(row: &Access) -> bool {
    matches!(row.needs, Needs::Key(_) | Needs::StaffKey(_))
}

fn customer() -> Parameter {
    ParameterBuilder::new()
        .name("X-Customer-ID")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("The workspace, by id or slug. Needed for what is new when you have several."))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build()
}

fn idempotency_key() -> Parameter {
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("With it the request may be repeated for a day: the first answer is given again."))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255))))
        .build()
}
