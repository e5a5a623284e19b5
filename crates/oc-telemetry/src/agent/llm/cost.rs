/// What a model call cost, in USD.
///
/// A cost that is not a finite number of zero or more is no cost: the call counts as unpriced.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    input: f64,
    output: f64,
    total: f64,
}

impl Cost {
    /// The whole cost.
    pub const fn total(usd: f64) -> Self {
        Self {
            input: 0.0,
            output: 0.0,
            total: usd,
        }
    }

    /// The cost of what went in and of what came out.
    pub fn of_parts(input_usd: f64, output_usd: f64) -> Self {
        Self {
            input: input_usd,
            output: output_usd,
            total: input_usd + output_usd,
        }
    }

    /// The whole cost in USD.
    pub const fn usd(self) -> f64 {
        self.total
    }

    pub(crate) fn is_valid(self) -> bool {
        [self.input, self.output, self.total]
            .into_iter()
            .all(|part| part.is_finite() && part >= 0.0)
    }

    /// As `mlflow.llm.cost` has it.
    pub(crate) fn to_mlflow(self) -> String {
        let cost = serde_json::json!({
            "input_cost": self.input,
            "output_cost": self.output,
            "total_cost": self.total,
        });
        cost.to_string()
    }

    pub(crate) const fn parts(self) -> (f64, f64) {
        (self.input, self.output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_real_costs_are_valid() {
        assert!(Cost::total(0.0).is_valid());
        assert!(Cost::of_parts(0.1, 0.2).is_valid());
        for usd in [f64::NAN, f64::INFINITY, -0.01] {
            assert!(!Cost::total(usd).is_valid());
            assert!(!Cost::of_parts(usd, 1.0).is_valid());
        }
    }
}
