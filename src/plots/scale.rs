//! Where values stand in a picture, and which of them are named.

/// From values to places.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    kind: Kind,
    /// The values at both ends, as they are laid out.
    values: [f64; 2],
    /// The places of both, in pixels.
    places: [f64; 2],
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Linear,
    Logarithmic,
}

impl Scale {
    /// Equal steps for equal differences.
    pub(super) fn linear(values: [f64; 2], places: [f64; 2]) -> Self {
        Self {
            kind: Kind::Linear,
            values: apart(values),
            places,
        }
    }

    /// Equal steps for equal ratios; values are above zero.
    pub(super) fn logarithmic(values: [f64; 2], places: [f64; 2]) -> Self {
        Self {
            kind: Kind::Logarithmic,
            values: apart(values.map(f64::ln)),
            places,
        }
    }

    pub(super) fn place(&self, value: f64) -> f64 {
        let value = match self.kind {
            Kind::Linear => value,
            Kind::Logarithmic => value.ln(),
        };
        let share = (value - self.values[0]) / (self.values[1] - self.values[0]);
        self.places[0] + share * (self.places[1] - self.places[0])
    }

    /// Round values within the scale, about so many at most.
    pub(super) fn ticks(&self, most: usize) -> Vec<f64> {
        match self.kind {
            Kind::Linear => linear_ticks(self.values, most),
            Kind::Logarithmic => logarithmic_ticks(self.values, most),
        }
    }
}

/// Two values that are not the same.
fn apart([low, high]: [f64; 2]) -> [f64; 2] {
    if high > low {
        [low, high]
    } else {
        [low - 0.5, low + 0.5]
    }
}

/// The least of 1, 2 and 5 times a power of ten that is not below a value above zero.
fn round_up(value: f64) -> f64 {
    let power = 10_f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 5.0].map(|step| step * power);
    let fits = |step: &f64| *step >= value * (1.0 - 1e-9);
    steps.into_iter().find(fits).unwrap_or(10.0 * power)
}

fn linear_ticks([low, high]: [f64; 2], most: usize) -> Vec<f64> {
    let step = round_up((high - low) / most.max(1) as f64);
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last).map(|tick| tick as f64 * step).collect()
}

/// Powers of ten, every second or third if there are many; with twice and five times
/// each if there are few.
fn logarithmic_ticks([low, high]: [f64; 2], most: usize) -> Vec<f64> {
    let (low, high) = (
        low / std::f64::consts::LN_10,
        high / std::f64::consts::LN_10,
    );
    let (first, last) = (low.floor() as i32, high.ceil() as i32);
    let is_within = |value: &f64| {
        let place = value.log10();
        (low - 1e-9..=high + 1e-9).contains(&place)
    };
    let steps: &[f64] = if (high - low) * 3.0 <= most as f64 {
        &[1.0, 2.0, 5.0]
    } else {
        &[1.0]
    };
    let every = (((high - low) / most.max(1) as f64).ceil() as i32).max(1);
    let powers = (first..=last).filter(|power| power.rem_euclid(every) == 0);
    let all = powers.flat_map(|power| steps.iter().map(move |step| step * 10_f64.powi(power)));
    all.filter(is_within).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::short;

    #[test]
    fn ticks_are_round_and_within() {
        let ticks = |low, high| {
            let ticks = Scale::linear([low, high], [0.0, 1.0]).ticks(6);
            ticks.into_iter().map(short).collect::<Vec<_>>()
        };
        assert_eq!(ticks(0.0, 374.0), ["0", "100", "200", "300"]);
        assert_eq!(ticks(-1.2, 1.4), ["-1", "-0.5", "0", "0.5", "1"]);
        assert_eq!(ticks(3.0, 3.0), ["2.6", "2.8", "3", "3.2", "3.4"]);
    }

    #[test]
    fn ticks_of_ratios_are_powers_of_ten() {
        let ticks = |low, high| Scale::logarithmic([low, high], [0.0, 1.0]).ticks(6);
        assert_eq!(ticks(3.0, 280_206.0), [10.0, 100.0, 1e3, 1e4, 1e5]);
        assert_eq!(ticks(1.0, 45.0), [1.0, 2.0, 5.0, 10.0, 20.0]);
        assert_eq!(ticks(1e-6, 1e13).len(), 5);
    }

    #[test]
    fn places_are_between_the_ends() {
        let scale = Scale::logarithmic([1.0, 100.0], [0.0, 80.0]);
        assert!((scale.place(10.0) - 40.0).abs() < 1e-9);
        let scale = Scale::linear([0.0, 10.0], [100.0, 0.0]);
        assert!((scale.place(2.5) - 75.0).abs() < 1e-9);
        // One value alone stands in the middle.
        let scale = Scale::linear([7.0, 7.0], [0.0, 80.0]);
        assert!((scale.place(7.0) - 40.0).abs() < 1e-9);
    }
}
