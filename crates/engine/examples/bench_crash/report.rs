//! What is printed: one JSON object a line.

/// Of one bench.
pub struct Report(pub &'static str);

impl Report {
    pub fn plain(&self, metric: &str, value: u64, unit: &str) {
        self.line(metric, value, unit, "none", "null", "null");
    }

    /// What has to be nought.
    pub fn none_of(&self, metric: &str, value: u64, unit: &str) {
        self.at_most(metric, value, unit, "design", 0);
    }

    pub fn at_most(&self, metric: &str, value: u64, unit: &str, anchor: &str, bound: u64) {
        // Above 1 is better than the bound; nothing at all has no ratio.
        let ratio = if value == 0 { "null".to_owned() } else { format!("{:.2}", bound as f64 / value as f64) };
        self.line(metric, value, unit, anchor, &bound.to_string(), &ratio);
    }

    fn line(&self, metric: &str, value: u64, unit: &str, anchor: &str, anchor_value: &str, ratio: &str) {
        let bench = self.0;
        println!(
            r#"{{"bench":"{bench}","metric":"{metric}","value":{value},"unit":"{unit}","anchor":"{anchor}","anchor_value":{anchor_value},"ratio":{ratio}}}"#
        );
    }
}
