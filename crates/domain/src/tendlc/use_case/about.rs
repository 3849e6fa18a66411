//! Use cases in a sentence, for whoever has to choose one.

use super::UseCase;

impl UseCase {
    /// What it is for.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::TwoFactor => "One-time codes and confirmations at sign-in.",
            Self::AccountNotification => {
                "News of an account, such as a payment that is due or a password that changed."
            }
            Self::CustomerCare => "Answers to customers, and what their service needs.",
            Self::DeliveryNotification => "Where a parcel or an order is.",
            Self::FraudAlert => "Warnings of suspicious activity on an account.",
            Self::HigherEducation => "Universities and colleges to their students and staff.",
            Self::LowVolume => "A little of several kinds, at low volume: cheap, and slow.",
            Self::M2m => "Machines among themselves: no person reads it, and none has to agree.",
            Self::Marketing => "Offers and advertising to people who asked for them.",
            Self::Mixed => "Several kinds in one: choose which of them.",
            Self::PollingVoting => "Surveys and votes that are not political.",
            Self::PublicServiceAnnouncement => "Announcements that make the public aware of something.",
            Self::SecurityAlert => "Something in a system is broken or was attacked, and people have to act.",
            Self::AgentsFranchises => "Branches or agents of one brand, each with numbers of its own.",
            Self::CarrierExempt => "What a carrier has exempted by an agreement of its own.",
            Self::Charity => "Charities to their donors and helpers, donations among it.",
            Self::Emergency => "Warnings of danger to life and property by those who are responsible for them.",
            Self::K12Education => "Schools to parents, pupils and staff; no offers.",
            Self::Political => "Campaigning for elections and political causes.",
            Self::Proxy => "Two people write to each other by a number that hides theirs, as driver and passenger do.",
            Self::Social => "Communities and people of public life to those who follow them.",
            Self::Sweepstake => "Prize draws and contests.",
            Self::SoleProprietor => "The messages of a person with a business of their own.",
            Self::Trial => "Trials of a platform by those who do not pay for it yet.",
            Self::UcaasHigh => "Phones of a business's employees, each with much to write.",
            Self::UcaasLow => "Phones of a business's employees, each with little to write.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_explained_in_a_sentence_of_its_own() {
        let mut said: Vec<&str> = UseCase::ALL.iter().map(|one| one.about()).collect();
        assert!(said.iter().all(|about| about.ends_with('.') && about.len() < 100));
        said.sort_unstable();
        said.dedup();
        assert_eq!(said.len(), UseCase::ALL.len());
    }
}
