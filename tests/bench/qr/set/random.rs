//! SplitMix64 (Steele, Lea, Flood 2014): small, the same on every machine and in every year, so that a seed
//! names a set of pictures for good. Not for secrets.

/// A stream of numbers that its seed decides.
pub struct Random(u64);

impl Random {
    /// The stream of one picture: the set's seed, the class and the place in it.
    pub fn of(seed: u64, class: usize, index: usize) -> Self {
        let mut random = Self(seed ^ ((class as u64) << 48) ^ ((index as u64) << 20));
        random.word();
        random
    }

    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to below 1.
    pub fn unit(&mut self) -> f32 {
        (self.word() >> 40) as f32 / (1u64 << 24) as f32
    }

    pub fn between(&mut self, (low, high): (f32, f32)) -> f32 {
        low + (high - low) * self.unit()
    }

    /// From `low` to `high`, both included.
    pub fn whole(&mut self, (low, high): (usize, usize)) -> usize {
        low + (self.word() % (high - low + 1) as u64) as usize
    }

    pub fn chance(&mut self, of_one: f32) -> bool {
        self.unit() < of_one
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.whole((0, from.len() - 1))]
    }

    /// Mean 0, deviation 1 (the sum of twelve, which is near enough and has no logarithm).
    pub fn normal(&mut self) -> f32 {
        (0..6)
            .map(|_| {
                let bits = self.word();
                (bits & 0xffff_ffff) as f32 / 4_294_967_296.0 + (bits >> 32) as f32 / 4_294_967_296.0
            })
            .sum::<f32>()
            - 6.0
    }
}
