//! A 10DLC campaign: what a brand sends, to whom, and how people agreed to it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    carrier::Carrier,
    content,
    flaw::{Flaw, Flaws, Rule},
    keywords,
    kinds::{EntityType, IdentityStatus},
    limits::{Limits, SAMPLE_FIELDS, SAMPLES_MAX},
    use_case::{Requirements, UseCase},
    word::merged,
};

/// How people come in, get out, or ask for help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The registry's `subscriberOptin` and so on.
    pub offered: bool,
    /// Upper case, separated by commas. May be empty for opting in, since people also agree on a page.
    pub keywords: String,
    pub message: String,
}

/// As it was typed, and, after [`TenDlcCampaign::check`], as it goes to the registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenDlcCampaign {
    pub use_case: UseCase,
    pub sub_use_cases: Vec<UseCase>,
    pub description: String,
    /// How people agree to be written to.
    pub message_flow: String,
    pub samples: Vec<String>,
    pub opt_in: Answer,
    pub opt_out: Answer,
    pub help: Answer,
    pub embedded_link: bool,
    /// A link as messages contain it.
    pub embedded_link_sample: String,
    pub embedded_phone: bool,
    /// More than 50 numbers.
    pub number_pool: bool,
    pub age_gated: bool,
    pub direct_lending: bool,
    pub privacy_policy_link: String,
    pub terms_and_conditions_link: String,
    /// That the provider's terms hold for it.
    pub terms_accepted: bool,
    /// Empty: every carrier.
    pub carriers: BTreeSet<Carrier>,
    pub auto_renewal: bool,
}

/// What the rules have to know of the brand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brand<'a> {
    pub display_name: &'a str,
    pub company_name: Option<&'a str>,
    pub entity_type: EntityType,
    pub identity: IdentityStatus,
}

impl Brand<'_> {
    fn is_named_in(&self, text: &str) -> bool {
        content::names(text, self.display_name) || self.company_name.is_some_and(|name| content::names(text, name))
    }

    /// What carriers often miss in one sample, although no rule asks for it.
    #[must_use]
    pub fn hints(&self, sample: &str) -> Vec<Rule> {
        let unnamed = (!self.is_named_in(sample)).then(|| Rule::BrandName(self.display_name.to_owned()));
        let odd = content::odd_placeholder(sample).map(|found| Rule::Placeholder(found.to_owned()));
        unnamed.into_iter().chain(odd).collect()
    }

    /// What is wrong with an answer to STOP or HELP, or to somebody who opts in, before it is handed in. The wizard asks
    /// with every key that is pressed.
    #[must_use]
    pub fn check_answer(&self, message: &str, named: bool, limits: &Limits) -> Vec<Rule> {
        let mut flaws = Flaws::default();
        self.answer("message", message, named, limits, &mut flaws);
        flaws.0.into_iter().map(|flaw| flaw.rule).collect()
    }

    fn answer(&self, field: &'static str, message: &str, named: bool, limits: &Limits, flaws: &mut Flaws) -> String {
        let text = flaws.text(field, message, limits.answer.clone());
        if named && !text.is_empty() && !self.is_named_in(&text) {
            flaws.add(field, Rule::BrandName(self.display_name.to_owned()));
        }
        if let Some(shortener) = content::shortener(&text) {
            flaws.add(field, Rule::Shortener(shortener.to_owned()));
        }
        text
    }
}

impl TenDlcCampaign {
    /// An empty one with the usual words, for the wizard.
    #[must_use]
    pub fn new(use_case: UseCase) -> Self {
        let answer = |keywords: &str| Answer { offered: true, keywords: keywords.to_owned(), message: String::new() };
        Self {
            use_case,
            sub_use_cases: Vec::new(),
            description: String::new(),
            message_flow: String::new(),
            samples: Vec::new(),
            opt_in: answer(keywords::OPT_IN_DEFAULT),
            opt_out: answer(keywords::OPT_OUT_DEFAULT),
            help: answer(keywords::HELP_DEFAULT),
            embedded_link: false,
            embedded_link_sample: String::new(),
            embedded_phone: false,
            number_pool: false,
            age_gated: false,
            direct_lending: false,
            privacy_policy_link: String::new(),
            terms_and_conditions_link: String::new(),
            terms_accepted: false,
            carriers: BTreeSet::new(),
            auto_renewal: true,
        }
    }

    /// With blanks and cases put right.
    ///
    /// # Errors
    /// Every broken rule, in the order of the wizard.
    pub fn check(&self, brand: &Brand<'_>, needs: &Requirements, limits: &Limits) -> Result<Self, Vec<Flaw>> {
        let mut flaws = Flaws::default();
        if let Some(why) = self.use_case.closed_to(brand.entity_type, brand.identity) {
            flaws.add("usecase", Rule::UseCaseClosed { use_case: self.use_case, why });
        }
        self.check_sub_use_cases(needs, &mut flaws);
        let description = flaws.text("description", &self.description, limits.description.clone());
        let message_flow = flaws.text("messageFlow", &self.message_flow, limits.message_flow.clone());
        let samples = self.check_samples(needs, limits, &mut flaws);
        let embedded_link_sample = self.check_content(&samples, needs, limits, &mut flaws);
        let answers = self.check_answers(brand, needs, limits, &mut flaws);
        let privacy_policy_link = link(&mut flaws, "privacyPolicyLink", &self.privacy_policy_link, limits);
        let terms_and_conditions_link =
            link(&mut flaws, "termsAndConditionsLink", &self.terms_and_conditions_link, limits);
        if !self.terms_accepted {
            flaws.add("termsAndConditions", Rule::Terms);
        }
        if !flaws.0.is_empty() {
            return Err(flaws.0);
        }
        let [opt_in, opt_out, help] = answers;
        Ok(Self {
            description,
            message_flow,
            samples,
            opt_in,
            opt_out,
            help,
            embedded_link_sample,
            privacy_policy_link,
            terms_and_conditions_link,
            ..self.clone()
        })
    }

    fn check_sub_use_cases(&self, needs: &Requirements, flaws: &mut Flaws) {
        let (min, max) = (needs.sub_use_cases_min, needs.sub_use_cases_max);
        let has = self.sub_use_cases.len();
        if !(min..=max).contains(&has) {
            flaws.add("subUsecases", Rule::SubUseCases { use_case: self.use_case, has, min, max });
        }
        for (at, sub) in self.sub_use_cases.iter().enumerate() {
            if !sub.can_be_sub_use_case() {
                flaws.add("subUsecases", Rule::NoSubUseCase(*sub));
            } else if self.sub_use_cases[..at].contains(sub) {
                flaws.add("subUsecases", Rule::TwiceSubUseCase(*sub));
            }
        }
    }

    fn check_samples(&self, needs: &Requirements, limits: &Limits, flaws: &mut Flaws) -> Vec<String> {
        let samples: Vec<String> =
            self.samples.iter().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect();
        if samples.len() > *limits.samples.end() {
            flaws.add(SAMPLE_FIELDS[SAMPLES_MAX - 1], Rule::TooMany { max: *limits.samples.end() });
        }
        if samples.len() < needs.samples_min {
            let field = SAMPLE_FIELDS[samples.len().min(SAMPLES_MAX - 1)];
            flaws.add(field, Rule::Samples { has: samples.len(), min: needs.samples_min });
        }
        for (at, (field, sample)) in SAMPLE_FIELDS.into_iter().zip(&samples).enumerate() {
            for rule in self.check_sample(sample, needs, limits) {
                flaws.add(field, rule);
            }
            if samples[..at].contains(sample) {
                flaws.add(field, Rule::TwiceSample);
            }
        }
        samples
    }

    /// What is wrong with one sample. The wizard asks with every key that is pressed.
    #[must_use]
    pub fn check_sample(&self, sample: &str, needs: &Requirements, limits: &Limits) -> Vec<Rule> {
        let mut rules = Vec::new();
        match sample.trim().chars().count() {
            has if has < *limits.sample.start() => rules.push(Rule::Short { has, min: *limits.sample.start() }),
            has if has > *limits.sample.end() => rules.push(Rule::Long { has, max: *limits.sample.end() }),
            _ => {}
        }
        if let Some(shortener) = content::shortener(sample) {
            rules.push(Rule::Shortener(shortener.to_owned()));
        } else if (!self.embedded_link || needs.no_links) && content::link_hosts(sample).next().is_some() {
            rules.push(Rule::UndeclaredLink);
        }
        if (!self.embedded_phone || needs.no_phones) && content::has_phone(sample) {
            rules.push(Rule::UndeclaredPhone);
        }
        rules
    }

    /// What is declared has to be shown.
    fn check_content(&self, samples: &[String], needs: &Requirements, limits: &Limits, flaws: &mut Flaws) -> String {
        let no_carrier = |field, flaws: &mut Flaws| {
            flaws.add(field, Rule::UseCaseClosed { use_case: self.use_case, why: "a carrier takes none with this" });
        };
        if self.embedded_link && needs.no_links {
            no_carrier("embeddedLink", flaws);
        }
        if self.embedded_phone && needs.no_phones {
            no_carrier("embeddedPhone", flaws);
        }
        let sample = self.embedded_link_sample.trim().to_owned();
        if !sample.is_empty() {
            if !content::is_web_address(&sample) {
                flaws.add("embeddedLinkSample", Rule::Url);
            } else if let Some(shortener) = content::shortener(&sample) {
                flaws.add("embeddedLinkSample", Rule::Shortener(shortener.to_owned()));
            }
            match sample.chars().count() {
                has if has > limits.url_max => flaws.add("embeddedLinkSample", Rule::Long { has, max: limits.url_max }),
                _ => {}
            }
        }
        let shows_link = || samples.iter().any(|text| content::link_hosts(text).next().is_some());
        if self.embedded_link && !needs.no_links && sample.is_empty() && !shows_link() {
            flaws.add("embeddedLinkSample", Rule::NoLinkSample);
        }
        if self.embedded_phone && !needs.no_phones && !samples.iter().any(|text| content::has_phone(text)) {
            flaws.add("embeddedPhone", Rule::NoPhoneSample);
        }
        if self.embedded_link { sample } else { String::new() }
    }

    fn check_answers(
        &self,
        brand: &Brand<'_>,
        needs: &Requirements,
        limits: &Limits,
        flaws: &mut Flaws,
    ) -> [Answer; 3] {
        let opt_in = Wanted {
            fields: ["subscriberOptin", "optinKeywords", "optinMessage"],
            needed: needs.opt_in,
            keyword: None,
            named: false,
        };
        let opt_out = Wanted {
            fields: ["subscriberOptout", "optoutKeywords", "optoutMessage"],
            needed: needs.opt_out,
            keyword: Some("STOP"),
            named: true,
        };
        let help = Wanted {
            fields: ["subscriberHelp", "helpKeywords", "helpMessage"],
            needed: needs.help,
            keyword: Some("HELP"),
            named: true,
        };
        let mut check = |answer: &Answer, wanted: &Wanted| wanted.check(answer, self.use_case, brand, limits, flaws);
        let answers = [check(&self.opt_in, &opt_in), check(&self.opt_out, &opt_out), check(&self.help, &help)];
        let [opt_in, opt_out, help] = &answers;
        keywords::distinct(&opt_out.keywords, &opt_in.keywords, "optinKeywords", flaws);
        keywords::distinct(&opt_out.keywords, &help.keywords, "helpKeywords", flaws);
        keywords::distinct(&opt_in.keywords, &help.keywords, "helpKeywords", flaws);
        answers
    }

    /// What cannot be changed once the registry has it.
    #[must_use]
    pub fn immutable_changes(&self, after: &Self) -> Vec<Flaw> {
        [
            ("usecase", self.use_case != after.use_case),
            ("subUsecases", self.sub_use_cases != after.sub_use_cases),
            ("subscriberOptin", self.opt_in.offered != after.opt_in.offered),
            ("subscriberOptout", self.opt_out.offered != after.opt_out.offered),
            ("subscriberHelp", self.help.offered != after.help.offered),
            ("termsAndConditions", self.terms_accepted != after.terms_accepted),
            ("mnoIds", self.carriers != after.carriers),
        ]
        .into_iter()
        .filter(|(_, changed)| *changed)
        .map(|(field, _)| Flaw::new(field, Rule::Immutable))
        .collect()
    }

    /// This one with whatever differs between two others, for what is typed while the same 10DLC campaign is changed from
    /// elsewhere. Of a field that differs in both, the other side counts.
    #[must_use]
    pub fn with_changes(&self, before: &Self, after: &Self) -> Self {
        merged!(
            (self, before, after),
            use_case,
            sub_use_cases,
            description,
            message_flow,
            samples,
            opt_in,
            opt_out,
            help,
            embedded_link,
            embedded_link_sample,
            embedded_phone,
            number_pool,
            age_gated,
            direct_lending,
            privacy_policy_link,
            terms_and_conditions_link,
            terms_accepted,
            carriers,
            auto_renewal,
        )
    }

    /// What carriers refuse often although no rule forbids it. For a person to decide.
    #[must_use]
    pub fn hints(&self, brand: &Brand<'_>) -> Vec<Flaw> {
        let samples = || SAMPLE_FIELDS.into_iter().zip(&self.samples).filter(|(_, text)| !text.trim().is_empty());
        let mut hints: Vec<Flaw> = samples()
            .flat_map(|(field, text)| brand.hints(text).into_iter().map(move |rule| Flaw::new(field, rule)))
            .collect();
        if samples().next().is_some() && !self.samples_tell_opt_out() {
            hints.push(Flaw::new(SAMPLE_FIELDS[0], Rule::NoOptOut));
        }
        if !self.opt_in.message.trim().is_empty() && !brand.is_named_in(&self.opt_in.message) {
            hints.push(Flaw::new("optinMessage", Rule::BrandName(brand.display_name.to_owned())));
        }
        hints
    }

    /// Whether the samples tell how to opt out, as carriers want at least one of them to.
    #[must_use]
    pub fn samples_tell_opt_out(&self) -> bool {
        self.samples.iter().any(|text| content::tells_opt_out(text))
    }
}

/// What is asked of an answer.
struct Wanted {
    /// The flag, the words, the message.
    fields: [&'static str; 3],
    needed: bool,
    keyword: Option<&'static str>,
    /// Whether the message has to name the brand.
    named: bool,
}

impl Wanted {
    fn check(
        &self,
        answer: &Answer,
        use_case: UseCase,
        brand: &Brand<'_>,
        limits: &Limits,
        flaws: &mut Flaws,
    ) -> Answer {
        let [flag, words, message] = self.fields;
        if !answer.offered {
            if self.needed {
                flaws.add(flag, Rule::Consent(use_case));
            }
            return Answer { offered: false, keywords: String::new(), message: String::new() };
        }
        let keywords = keywords::check(words, &answer.keywords, self.keyword, limits, flaws);
        let text = brand.answer(message, &answer.message, self.named, limits, flaws);
        Answer { offered: true, keywords, message: text }
    }
}

fn link(flaws: &mut Flaws, field: &'static str, typed: &str, limits: &Limits) -> String {
    let text = flaws.optional(field, typed, 1..=limits.url_max).unwrap_or_default();
    if !text.is_empty() && !content::is_web_address(&text) {
        flaws.add(field, Rule::Url);
    }
    text
}
