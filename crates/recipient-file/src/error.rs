//! Why a file cannot be read, in words for the person who uploaded it.

use std::io;

/// What a file is when it is not text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    Excel,
    OldExcel,
    OpenDocument,
    Zip,
    Gzip,
    Pdf,
    Image,
    RichText,
    WebPage,
    Binary,
}

impl FileKind {
    /// Says what it is and what to do.
    const fn advice(self) -> &'static str {
        match self {
            Self::Excel | Self::OldExcel => "this is an Excel workbook; export it as CSV (UTF-8) and upload that",
            Self::OpenDocument => "this is an OpenDocument file; save it as CSV (UTF-8) and upload that",
            Self::Zip => "this is a ZIP archive; unpack it and upload the text or CSV file inside",
            Self::Gzip => "this is a gzip archive; unpack it and upload the text or CSV file inside",
            Self::Pdf => "this is a PDF; upload the list it was made from as CSV or text",
            Self::Image => "this is an image; upload a text or CSV file",
            Self::RichText => "this is a rich-text document; save it as plain text or CSV and upload that",
            Self::WebPage => "this is a web page; upload a text or CSV file",
            Self::Binary => "this is not a text file; export the list as CSV (UTF-8) and upload that",
        }
    }
}

/// Why a file is no list of numbers. Messages are for the person.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("the file is empty; choose another")]
    Empty,
    #[error("the file has a header and no lines below it; add the numbers, or choose another file")]
    HeaderOnly,
    #[error("{}", .0.advice())]
    NotText(FileKind),
    #[error(
        "no column of the file holds phone numbers; choose the column, check the country of the workspace, or write the numbers with + and their country code"
    )]
    NoNumberColumn,
    #[error("the file has no column {column}")]
    ColumnUnknown { column: usize },
    #[error(
        "the file has {columns} columns, and at most {limit} can be read; leave out those that the text does not use"
    )]
    TooManyColumns { columns: usize, limit: usize },
    #[error("the text uses columns that the file does not have: {}", .0.join(", "))]
    MissingColumns(Vec<String>),
    #[error("the file is cut off in the middle of a character; upload it again")]
    CutCharacter,
    #[error("the uploaded file cannot be read on the server")]
    Io(#[from] io::Error),
}
