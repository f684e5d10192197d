//! One visual language: what has which colour, in light and in dark.

use crate::modeling::Segment;

/// Whether pictures are dark on light or light on dark.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Theme {
    /// Dark on white, for paper and bright screens.
    #[default]
    Light,
    /// Light on near black.
    Dark,
}

/// What a colour stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Ink {
    /// What all stands on.
    Paper,
    /// Titles and values.
    Strong,
    /// Labels and remarks.
    Weak,
    /// Lines to read values by.
    Grid,
    /// What is of no segment.
    Accent,
    /// What is of a segment.
    Segment(Segment),
    /// Text on the colour of a segment.
    On(Segment),
    /// What is of one of six clusters that have no names.
    Cluster(usize),
    /// A share of the most, from 0 to 1.
    Share(f64),
}

/// Colours of clusters, in light and in dark, after Okabe and Ito (2008).
const CLUSTERS: [([u8; 3], [u8; 3]); 6] = [
    ([0, 114, 178], [74, 163, 223]),
    ([230, 159, 0], [240, 178, 50]),
    ([0, 158, 115], [40, 190, 145]),
    ([204, 121, 167], [220, 150, 188]),
    ([86, 180, 233], [140, 205, 245]),
    ([196, 62, 20], [232, 106, 68]),
];

impl Theme {
    /// The colour as red, green and blue.
    ///
    /// Those of the segments differ in lightness too, so that no kind of colour
    /// blindness makes two alike: they are after Okabe and Ito (2008).
    pub(super) fn rgb(self, ink: Ink) -> [u8; 3] {
        let (light, dark) = match ink {
            Ink::Paper | Ink::On(Segment::Champions | Segment::AtRisk) => {
                ([255, 255, 255], [20, 24, 29])
            }
            Ink::Strong => ([27, 31, 36], [232, 235, 240]),
            Ink::Weak => ([87, 96, 106], [160, 169, 180]),
            Ink::Grid => ([228, 231, 235], [48, 55, 64]),
            Ink::Accent => ([73, 103, 141], [125, 160, 202]),
            Ink::Segment(Segment::Champions) => ([0, 114, 178], [74, 163, 223]),
            Ink::Segment(Segment::LostCustomers) => ([148, 153, 160], [136, 142, 150]),
            Ink::Segment(Segment::NewCustomers) => ([230, 159, 0], [240, 178, 50]),
            Ink::Segment(Segment::AtRisk) => ([196, 62, 20], [232, 106, 68]),
            Ink::On(_) => ([27, 31, 36], [20, 24, 29]),
            Ink::Cluster(number) => CLUSTERS[number % CLUSTERS.len()],
            Ink::Share(share) => return self.share(share),
        };
        match self {
            Self::Light => light,
            Self::Dark => dark,
        }
    }

    fn share(self, share: f64) -> [u8; 3] {
        let (none, all) = match self {
            Self::Light => ([236.0, 241.0, 247.0], [8.0, 69.0, 120.0]),
            Self::Dark => ([34.0, 42.0, 52.0], [122.0, 190.0, 240.0]),
        };
        let share = share.clamp(0.0, 1.0);
        [0, 1, 2].map(|i| (none[i] + (all[i] - none[i]) * share).round() as u8)
    }
}
