//! The two ways in which the installation's figures are shown.

use leptos::prelude::*;

use crate::ui::prelude::*;

pub const CHARTS: &str = "/installation/monitoring";
pub const GRAFANA: &str = "/installation/monitoring/grafana";

/// Charts of our own, and Grafana's dashboards where there is a Grafana. The way there loads the page anew: only then does
/// its policy let it have a frame.
#[component]
pub fn Ways(grafana: bool, current: &'static str) -> impl IntoView {
    if !grafana {
        return view! {
            <p class="text-sm text-muted">
                "Dashboards of Grafana can be shown here as well: docs/configuration.md, the section [grafana]."
            </p>
        }
        .into_any();
    }
    let tabs = vec![
        Tab::new("Charts", CHARTS, current == CHARTS),
        Tab::new("Grafana", GRAFANA, current == GRAFANA).loaded_anew(),
    ];
    view! { <Tabs label="Charts or dashboards" tabs/> }.into_any()
}
