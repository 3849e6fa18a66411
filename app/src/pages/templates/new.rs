//! A new template with its first version.

use domain::permission::Permission;
use leptos::prelude::*;

use crate::{
    api::templates::CreateTemplate,
    error::AppError,
    pages::{layout::use_workspace, wizard::Counter},
    ui::prelude::*,
};

#[component]
pub fn NewTemplate() -> impl IntoView {
    let workspace = use_workspace();
    if !workspace.may(Permission::CreateCampaign) {
        return view! { <ErrorView error=AppError::Forbidden/> }.into_any();
    }
    let (slug, back) = (workspace.slug.clone(), workspace.path("/templates"));
    let create = ServerAction::<CreateTemplate>::new();
    let refused: Signal<Option<AppError>> = Signal::derive(move || create.value().get().and_then(Result::err));
    let error_of =
        move |field: &'static str| Signal::derive(move || refused.get().and_then(|error| error.field_error(field)));
    let text = RwSignal::new(String::new());
    view! {
        <Breadcrumbs crumbs=vec![Crumb::new("Templates", back.clone())]/>
        <PageHeading title="New template" lead="Its text is never edited: each change is a version of its own."/>
        <Panel>
            <ActionForm action=create attr:class="flex max-w-2xl flex-col gap-5">
                <ErrorSummary error=refused/>
                <Hidden name="slug" value=slug/>
                <TextField
                    name="name"
                    label="Name of the template"
                    maxlength=80
                    hint="For colleagues; recipients never see it."
                    error=error_of("name")
                />
                <TemplateText text error=error_of("text")/>
                <Checkbox
                    name="ask"
                    label="Ask the moderators to approve it"
                    hint="It can be used before that, too; campaigns are approved one by one in any case."
                />
                <div class="flex flex-wrap gap-3">
                    <Button busy=create.pending()>"Make the template"</Button>
                    <LinkButton href=back kind=ButtonKind::Secondary>"Cancel"</LinkButton>
                </div>
            </ActionForm>
        </Panel>
    }
    .into_any()
}

/// The text of a version, with its segments counted.
#[component]
pub fn TemplateText(text: RwSignal<String>, #[prop(into)] error: Signal<Option<String>>) -> impl IntoView {
    view! {
        <div class="flex flex-col gap-2">
            <TextArea
                name="text"
                label="Text"
                bind=text
                rows=6
                hint="{column} puts in the value of that column of the recipients' file, as in {first_name}."
                error
            />
            <Counter text/>
        </div>
    }
}
