//! `/installation/audit`: sign-ins, users, workspaces and links of the whole installation, for super admins.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{filters, log::Log, words::OF_THE_INSTALLATION};
use crate::{api::audit::installation_audit, ui::prelude::*};

const PATH: &str = "/installation/audit";

#[component]
pub fn InstallationAudit() -> impl IntoView {
    let params = use_query_map();
    let query = Memo::new(move |_| params.with(filters::read));
    let log = Resource::new(move || query.get(), installation_audit);
    view! {
        <PageHeading title="Audit log of the installation"/>
        <Log path=PATH.to_owned() query groups=OF_THE_INSTALLATION log/>
    }
}
