//! What subscribers write back: STOP and its kin, in the languages of an installation.
//!
//! A message is a keyword when it consists of nothing else; case, blanks and punctuation around it do not count. What
//! says more than that is for people to read.

use serde::{Deserialize, Serialize};

use crate::segment::{self, gsm};

/// A reply may take so many segments.
pub const REPLY_SEGMENTS_MAX: usize = 3;
/// Longer than this no keyword is.
const KEYWORD_CHARACTERS_MAX: usize = 40;
/// Stands in a reply for the sender that was written to.
const SENDER: &str = "{sender}";

/// What a subscriber wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// No more messages from this sender.
    Stop,
    /// Messages again.
    Start,
    /// To know who this is.
    Help,
}

/// The keywords of a language and what is answered to them. An empty reply: nothing is answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Family {
    /// For people, such as `en`.
    pub language: String,
    pub stop: Vec<String>,
    pub start: Vec<String>,
    pub help: Vec<String>,
    pub stop_reply: String,
    pub start_reply: String,
    pub help_reply: String,
}

impl Family {
    fn of(language: &str, keywords: [&[&str]; 3], replies: [&str; 3]) -> Self {
        let [stop, start, help] = keywords.map(|words| words.iter().map(|word| (*word).to_owned()).collect());
        let [stop_reply, start_reply, help_reply] = replies.map(str::to_owned);
        Self { language: language.to_owned(), stop, start, help, stop_reply, start_reply, help_reply }
    }

    fn keywords(&self, wish: Wish) -> &[String] {
        match wish {
            Wish::Stop => &self.stop,
            Wish::Start => &self.start,
            Wish::Help => &self.help,
        }
    }

    fn reply(&self, wish: Wish) -> &str {
        match wish {
            Wish::Stop => &self.stop_reply,
            Wish::Start => &self.start_reply,
            Wish::Help => &self.help_reply,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFamilies {
    #[error("a keyword of the language “{language}” is empty or longer than {KEYWORD_CHARACTERS_MAX} characters")]
    Keyword { language: String },
    #[error("the keyword “{keyword}” of the language “{language}” stands for two things")]
    Ambiguous { language: String, keyword: String },
    #[error("a reply of the language “{language}” takes more than {REPLY_SEGMENTS_MAX} segments")]
    Reply { language: String },
}

/// The families of an installation, checked: a keyword stands for one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Families(Vec<Family>);

impl Families {
    /// English, German, French, Spanish and Russian. CTIA's list of opt-out words is in the first.
    #[must_use]
    pub fn standard() -> Self {
        let en: [&[&str]; 3] = [
            &["STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "OPT OUT"],
            &["START", "UNSTOP"],
            &["HELP", "INFO"],
        ];
        Self(vec![
            Family::of(
                "en",
                en,
                [
                    "You will get no more messages from {sender}. Reply START to get them again.",
                    "You will get messages from {sender} again. Reply STOP to end them.",
                    "Messages from {sender}. Reply STOP to end them.",
                ],
            ),
            Family::of(
                "de",
                [&["STOPP", "ABMELDEN", "ABBESTELLEN"], &["ANMELDEN"], &["HILFE"]],
                [
                    "Sie erhalten keine Nachrichten mehr von {sender}. Mit START erhalten Sie wieder welche.",
                    "Sie erhalten wieder Nachrichten von {sender}. Mit STOPP beenden Sie das.",
                    "Nachrichten von {sender}. Mit STOPP beenden Sie sie.",
                ],
            ),
            Family::of(
                "fr",
                [&["ARRET", "ARRÊT", "DESABONNER", "DÉSABONNER"], &["REPRENDRE"], &["AIDE"]],
                [
                    "Vous ne recevrez plus de messages de {sender}. Répondez START pour en recevoir à nouveau.",
                    "Vous recevrez à nouveau les messages de {sender}. Répondez STOP pour les arrêter.",
                    "Messages de {sender}. Répondez STOP pour les arrêter.",
                ],
            ),
            Family::of(
                "es",
                [&["ALTO", "BAJA", "CANCELAR"], &["ALTA"], &["AYUDA"]],
                [
                    "No recibirá más mensajes de {sender}. Responda ALTA para recibirlos de nuevo.",
                    "Recibirá de nuevo los mensajes de {sender}. Responda BAJA para dejar de recibirlos.",
                    "Mensajes de {sender}. Responda BAJA para dejar de recibirlos.",
                ],
            ),
            Family::of(
                "ru",
                [&["СТОП", "ОТПИСАТЬСЯ", "ОТПИСКА"], &["СТАРТ"], &["ПОМОЩЬ"]],
                [
                    "Вы больше не будете получать сообщения от {sender}. Чтобы получать снова, ответьте СТАРТ.",
                    "Вы снова будете получать сообщения от {sender}. Чтобы отказаться, ответьте СТОП.",
                    "Сообщения от {sender}. Чтобы отказаться, ответьте СТОП.",
                ],
            ),
        ])
    }

    /// # Errors
    /// A keyword that is none, or that stands for two things, or a reply that is too long.
    pub fn new(families: Vec<Family>) -> Result<Self, InvalidFamilies> {
        let mut seen: Vec<(String, Wish)> = Vec::new();
        for family in &families {
            let language = || family.language.clone();
            for wish in [Wish::Stop, Wish::Start, Wish::Help] {
                for keyword in family.keywords(wish) {
                    let folded = fold(keyword).ok_or_else(|| InvalidFamilies::Keyword { language: language() })?;
                    match seen.iter().find(|(known, _)| *known == folded) {
                        Some((_, other)) if *other != wish => {
                            return Err(InvalidFamilies::Ambiguous { language: language(), keyword: keyword.clone() });
                        }
                        Some(_) => {}
                        None => seen.push((folded, wish)),
                    }
                }
                // An address has eleven characters, or fifteen digits.
                let longest = family.reply(wish).replace(SENDER, "000000000000000");
                if !longest.is_empty() && segment::measure(&longest).segments > REPLY_SEGMENTS_MAX {
                    return Err(InvalidFamilies::Reply { language: language() });
                }
            }
        }
        Ok(Self(families))
    }

    /// What the text asks for, and what is answered in its language.
    #[must_use]
    pub fn read(&self, text: &str, sender: &str) -> Option<(Wish, Option<String>)> {
        let folded = fold(text)?;
        let is_it = |keyword: &String| fold(keyword).is_some_and(|keyword| keyword == folded);
        self.0.iter().find_map(|family| {
            let wish = [Wish::Stop, Wish::Start, Wish::Help]
                .into_iter()
                .find(|wish| family.keywords(*wish).iter().any(is_it))?;
            let reply = family.reply(wish);
            Some((wish, (!reply.is_empty()).then(|| reply.replace(SENDER, sender))))
        })
    }
}

/// In capitals, one blank between words, without what stands around it. None: nothing is left, or it is no keyword's
/// length.
fn fold(text: &str) -> Option<String> {
    let around = |character: char| !character.is_alphanumeric();
    let mut folded = String::new();
    for word in text.trim_matches(around).split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.chars().flat_map(char::to_uppercase));
        if folded.chars().count() > KEYWORD_CHARACTERS_MAX {
            return None;
        }
    }
    (!folded.is_empty()).then_some(folded)
}

/// The text of a message from a subscriber, by its data_coding (SMPP 3.4 §5.2.19): the default alphabet one septet an
/// octet, IA5, Latin 1 and UCS-2; the first and the last also with a message class (3GPP TS 23.038 §4). None: it is no
/// text that we read.
#[must_use]
pub fn text(data_coding: u8, content: &[u8]) -> Option<String> {
    match data_coding {
        0 | 0x10..=0x13 | 0xF0..=0xF3 => Some(gsm::decode(content)),
        1 => content.is_ascii().then(|| content.iter().copied().map(char::from).collect()),
        3 => Some(content.iter().copied().map(char::from).collect()),
        8 | 0x18..=0x1B => {
            let (units, []) = content.as_chunks::<2>() else { return None };
            char::decode_utf16(units.iter().map(|unit| u16::from_be_bytes(*unit))).collect::<Result<_, _>>().ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wish(text: &str) -> Option<Wish> {
        Families::standard().read(text, "ACME").map(|(wish, _)| wish)
    }

    #[test]
    fn a_keyword_alone_is_understood_in_any_case_and_language() {
        for stop in [
            "STOP",
            "stop",
            " Stop. ",
            "\"STOP\"",
            "stop  all",
            "Unsubscribe!",
            "СТОП",
            "стоп",
            "arrêt",
            "Stopp",
            "baja",
        ] {
            assert_eq!(wish(stop), Some(Wish::Stop), "{stop}");
        }
        for start in ["start", "UNSTOP", "Старт"] {
            assert_eq!(wish(start), Some(Wish::Start), "{start}");
        }
        assert_eq!(wish("help?"), Some(Wish::Help));
    }

    #[test]
    fn what_says_more_is_left_to_people() {
        for other in
            ["", " ", "...", "Stop by the office at five", "do not stop", "yes", "1", "STOPPED", &"stop ".repeat(40)]
        {
            assert_eq!(wish(other), None, "{other}");
        }
    }

    #[test]
    fn the_reply_is_in_the_language_of_the_keyword_and_names_the_sender() {
        let (_, reply) = Families::standard().read("СТОП", "ACME").unwrap();
        assert_eq!(
            reply.unwrap(),
            "Вы больше не будете получать сообщения от ACME. Чтобы получать снова, ответьте СТАРТ."
        );
        let silent = Family { stop: vec!["STOP".into()], ..Family::default() };
        assert_eq!(Families::new(vec![silent]).unwrap().read("stop", "ACME"), Some((Wish::Stop, None)));
    }

    #[test]
    fn what_could_be_misread_is_refused() {
        assert_eq!(Families::new(Families::standard().0), Ok(Families::standard()));
        let family = |stop: &str, start: &str, reply: &str| Family {
            language: "en".into(),
            stop: vec![stop.into()],
            start: vec![start.into()],
            stop_reply: reply.into(),
            ..Family::default()
        };
        let language = || "en".to_owned();
        for (family, why) in [
            (family("!", "START", ""), InvalidFamilies::Keyword { language: language() }),
            (family("GO", "go", ""), InvalidFamilies::Ambiguous { language: language(), keyword: "go".into() }),
            (family("STOP", "START", &"x".repeat(460)), InvalidFamilies::Reply { language: language() }),
        ] {
            assert_eq!(Families::new(vec![family]), Err(why));
        }
    }

    #[test]
    fn texts_are_read_by_their_coding() {
        assert_eq!(text(0, b"STOP").as_deref(), Some("STOP"));
        assert_eq!(text(0, &[0x41, 0x52, 0x52, 0x45, 0x54, 0x05]).as_deref(), Some("ARRETé"));
        assert_eq!(text(1, b"stop").as_deref(), Some("stop"));
        assert_eq!(text(3, b"arr\xEAt").as_deref(), Some("arrêt"));
        assert_eq!(text(8, b"\x04\x21\x04\x22\x04\x1E\x04\x1F").as_deref(), Some("СТОП"));
        assert_eq!(text(8, b"\x04\x21\x04"), None);
        assert_eq!(text(8, b"\xD8\x00"), None);
        for binary in [4, 0x14, 0xF5] {
            assert_eq!(text(binary, b"STOP"), None);
        }
        for class in 0..4 {
            assert_eq!(text(0x10 + class, b"STOP").as_deref(), Some("STOP"));
            assert_eq!(text(0xF0 + class, b"STOP").as_deref(), Some("STOP"));
            assert_eq!(text(0x18 + class, b"\0S\0T\0O\0P").as_deref(), Some("STOP"));
        }
    }

    proptest! {
        #[test]
        fn no_octets_break_it(data_coding: u8, content: Vec<u8>) {
            if let Some(text) = text(data_coding, &content) {
                let _ = Families::standard().read(&text, "ACME");
            }
        }
    }
}
