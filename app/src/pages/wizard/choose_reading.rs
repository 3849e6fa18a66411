//! How a file that has arrived is read: what was found, and the person's correction.

use leptos::prelude::*;

use crate::{
    api::recipients::{ReadRecipients, ShapeView, UploadPlace},
    error::AppError,
    ui::prelude::*,
};

#[component]
pub fn ChooseReading(
    slug: String,
    id: String,
    place: UploadPlace,
    shape: ShapeView,
    fields: Vec<String>,
    again: Callback<()>,
) -> impl IntoView {
    let read = ServerAction::<ReadRecipients>::new();
    let refused: Signal<Option<AppError>> = Signal::derive(move || read.value().get().and_then(Result::err));
    Effect::new(move |_| {
        if let Some(Ok(())) = read.value().get() {
            again.run(());
        }
    });
    let missing: Vec<String> = fields.into_iter().filter(|field| !shape.columns.contains(field)).collect();
    let found = format!(
        "{}, {}, {}",
        shape.encoding,
        match shape.separator {
            None => "one number a line".to_owned(),
            Some('\t') => "columns separated by tabs".to_owned(),
            Some(separator) => format!("columns separated by “{separator}”"),
        },
        if shape.has_header { "with a header" } else { "without a header" },
    );
    let numberless = shape.number_column.is_none().then(|| {
        let advice = if shape.separator.is_some() {
            "Choose the column below, or use another file."
        } else {
            "Use another file, one number a line or with columns."
        };
        view! {
            <Alert tone=Tone::Warning title="No phone number in the first lines">
                {advice}
                " Numbers without + or 00 have to be numbers of the workspace's country."
            </Alert>
        }
    });
    // Nobody sends to a column that is only the first.
    let undecided = shape.number_column.is_none().then(|| Choice::new("", "Choose a column"));
    let columns: Vec<Choice> = undecided
        .into_iter()
        .chain(shape.columns.iter().enumerate().map(|(column, name)| Choice::new(column.to_string(), short(name))))
        .collect();
    let number_column = shape.number_column.map(|column| column.to_string()).unwrap_or_default();
    let has_columns = shape.separator.is_some();
    let separator = shape.separator;
    view! {
        <Panel title=format!("“{}” has arrived", place.file_name)>
            <ActionForm action=read attr:class="flex flex-col gap-5">
                <ErrorSummary error=refused/>
                <Hidden name="slug" value=slug/>
                <Hidden name="id" value=id/>
                <Hidden name="upload" value=place.upload/>
                {separator.map(|separator| view! { <Hidden name="separator" value=separator/> })}
                <p>"Found: " <strong>{found}</strong> "."</p>
                {(!missing.is_empty())
                    .then(|| {
                        view! {
                            <Alert tone=Tone::Danger title="The text uses columns that this file does not have">
                                {format!("{}. Change the text in step 2, or upload another file.", missing.join(", "))}
                            </Alert>
                        }
                    })}
                {numberless}
                {has_columns
                    .then(|| {
                        view! {
                            <div class="max-w-sm">
                                <SelectField
                                    name="number_column"
                                    label="The column with the phone numbers"
                                    choices=columns
                                    value=number_column
                                />
                            </div>
                        }
                    })}
                <Checkbox name="has_header" label="The first line names the columns" checked=shape.has_header/>
                <Preview columns=shape.columns rows=shape.rows/>
                <div>
                    <Button busy=read.pending()>"Read the file"</Button>
                </div>
            </ActionForm>
        </Panel>
    }
}

#[component]
fn Preview(columns: Vec<String>, rows: Vec<Vec<String>>) -> impl IntoView {
    view! {
        <div class="overflow-x-auto" tabindex="0" role="region" aria-label="The first lines">
            <table class="table table-sm">
                <caption class="sr-only">"The first lines, with numbers masked"</caption>
                <thead>
                    <tr>{columns.into_iter().map(|name| view! { <th scope="col">{short(&name)}</th> }).collect_view()}</tr>
                </thead>
                <tbody>
                    {rows
                        .into_iter()
                        .map(|row| {
                            view! { <tr>{row.into_iter().map(|cell| view! { <td>{cell}</td> }).collect_view()}</tr> }
                        })
                        .collect_view()}
                </tbody>
            </table>
        </div>
    }
}

/// The name of a column as far as there is room for it.
fn short(name: &str) -> String {
    const CHARACTERS: usize = 60;
    match name.char_indices().nth(CHARACTERS) {
        Some((cut, _)) => format!("{}…", &name[..cut]),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn a_long_name_is_cut_between_characters() {
        assert_eq!(short("phone"), "phone");
        assert_eq!(short(&"ä".repeat(61)), format!("{}…", "ä".repeat(60)));
    }
}
