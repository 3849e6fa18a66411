//! What kept the campaign, or lines of its file, from being sent at all.

use leptos::prelude::*;

use super::{
    live::Live,
    tab::{Content, TabState},
};
use crate::{api::campaigns::problems::JobErrors, error::sentence, ui::prelude::*};

#[component]
pub fn JobErrorsTab(live: Live, tab: TabState) -> impl IntoView {
    let failure = Memo::new(move |_| live.view.with(|view| view.failure.clone()));
    view! {
        {move || {
            failure
                .get()
                .map(|failure| {
                    view! { <Alert tone=Tone::Danger title="The campaign failed"><p>{sentence(&failure)}</p></Alert> }
                })
        }}
        <Transition fallback=|| view! { <Loading label="Loading the errors"/> }>
            {move || Suspend::new(async move {
                match tab.content.await {
                    Ok(Content::JobErrors(errors)) => {
                        view! { <Shown live errors after=tab.query.get_untracked().after_line/> }.into_any()
                    }
                    // Another tab's, in the moment of the change.
                    Ok(_) => view! { <Loading label="Loading the errors"/> }.into_any(),
                    Err(error) => view! { <Panel><LoadError error retry=tab.retry()/></Panel> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Shown(live: Live, errors: JobErrors, after: u64) -> impl IntoView {
    let JobErrors { upload, file_name, rejects, next } = errors;
    let file = file_name.clone().unwrap_or_else(|| "The file".to_owned());
    let upload = upload.map(|reason| {
        view! {
            <Alert tone=Tone::Danger title=format!("{file} could not be read")><p>{sentence(&reason)}</p></Alert>
        }
    });
    let first = (after > 0).then(|| live.href("?tab=job_errors"));
    let next = next.map(|line| live.href(&format!("?tab=job_errors&after={line}")));
    let list = if rejects.is_empty() {
        let (title, text) = match (&file_name, after) {
            (_, 1..) => ("No further lines", "All rejected lines are on the pages before."),
            (Some(_), _) => {
                ("No line was rejected", "Every line of the file is a recipient, a duplicate or suppressed.")
            }
            (None, _) => ("No errors", "Lines that are no recipients appear here once a file was read."),
        };
        view! { <EmptyState title text/> }.into_any()
    } else {
        let body = rejects
            .into_iter()
            .map(|reject| {
                view! {
                    <tr>
                        <th scope="row" class="font-normal tabular-nums">{grouped(reject.line)}</th>
                        <td class="min-w-64">{reject.reason}</td>
                        <td class="font-mono text-xs break-all">{reject.text}</td>
                    </tr>
                }
            })
            .collect_view();
        view! {
            <Table caption="Rejected lines">
                <thead>
                    <tr>
                        <th scope="col">"Line"</th>
                        <th scope="col">"Reason"</th>
                        <th scope="col">"Text"</th>
                    </tr>
                </thead>
                <tbody>{body}</tbody>
            </Table>
        }
        .into_any()
    };
    view! {
        {upload}
        <Panel title="Rejected lines" flush=true aside=move || view! { <Downloads live/> }>
            {list}
            <CursorPaging first next/>
        </Panel>
    }
}

/// All rejected lines as a file. With full numbers it is a form, since the audit log records it.
#[component]
fn Downloads(live: Live) -> impl IntoView {
    let any = live.view.with_untracked(|view| view.report.is_some_and(|report| report.rejected() > 0));
    let may_reveal = live.view.with_untracked(|view| view.may_reveal);
    let path = live.href("/rejects.csv");
    any.then(|| {
        view! {
            <div class="flex flex-wrap gap-2">
                <LinkButton href=path.clone() kind=ButtonKind::Secondary small=true external=true>
                    "Download rejects.csv"
                </LinkButton>
                {may_reveal
                    .then(|| {
                        view! {
                            <form method="post" action=path>
                                <Button kind=ButtonKind::Quiet small=true>"With full numbers"</Button>
                            </form>
                        }
                    })}
            </div>
        }
    })
}
