//! Seeds for many samples out of one.
//!
//! Samples are drawn on several threads, each with a generator of its own, so each needs a
//! seed. Neighbouring numbers must not give neighbouring seeds: what is measured with seeds
//! 5 and 6 would share all samples but one.

/// The seed of a sample: the `number`-th output of SplitMix64 (Steele, Lea and Flood 2014)
/// begun with a mixed `seed`; O(1).
pub(super) fn of_sample(seed: u64, number: u64) -> u64 {
    mix(mix(seed).wrapping_add(number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15)))
}

fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::of_sample;
    use std::collections::HashSet;

    #[test]
    fn neighbouring_seeds_share_no_sample() {
        let samples = |seed| (0..500).map(move |number| of_sample(seed, number));
        let all: HashSet<_> = (0..20).flat_map(samples).collect();
        assert_eq!(all.len(), 20 * 500);
    }
}
