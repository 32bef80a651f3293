//! The search itself: proposes inputs, learns from what came of them.

use std::collections::{BTreeSet, VecDeque};

use model::Input;

use crate::atlas::Atlas;
use crate::bandit::Bandit;
use crate::corpus::{Corpus, Merit};
use crate::digest::Seen;
use crate::draft::Draft;
use crate::enumerate::Enumerator;
use crate::hints;
use crate::instances::Instances;
use crate::knowledge::{Knowledge, Limits, Scratch};
use crate::make::Maker;
use crate::mutate::mutate;
use crate::relate::relate;
use crate::schedule::{Lane, Schedule};
use crate::shape::Subject;
use crate::statistics::Statistics;
use crate::technique::{Switches, Technique};
use crate::tokens::Dictionary;
use crate::witness::{News, Witness, Witnesses};
use crate::{Feedback, Validity};

/// So many inputs in a row that were all seen before mean that there are no others.
const PATIENCE: usize = 3000;
/// What the search makes is never larger; seeds may be.
const LARGEST: u64 = 6000;
/// Widenings of what is in reach at most.
const WIDEST: usize = 20;
/// Inputs derived from hints that wait for their turn at most.
const WAITING: usize = 256;

/// How to search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// What all chance follows from.
    pub seed: u64,
    /// Techniques that are not used.
    pub without: BTreeSet<Technique>,
    /// How many inputs one batch has at most; the first ones are smaller, so that what they teach is used sooner.
    pub batch: usize,
    /// How many useful inputs there must be before the search counts as [saturated](Search::saturated).
    pub enough: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 0,
            without: BTreeSet::new(),
            batch: 256,
            enough: 256,
        }
    }
}

/// Where an input came from.
#[derive(Clone, Copy, Debug)]
struct Origin {
    technique: Technique,
    lane: Option<Lane>,
}

/// Proposes inputs for two versions of a function, and learns from what came of them.
///
/// The same subject, options and feedback give the same inputs.
pub struct Search<'a> {
    subject: &'a Subject,
    options: Options,
    know: Knowledge,
    scratch: Scratch,
    enumerator: Enumerator,
    corpus: Corpus,
    schedule: Schedule,
    seeds: VecDeque<&'a Input>,
    waiting: VecDeque<Input>,
    seen: Seen,
    pending: Vec<Origin>,
    witnesses: Witnesses,
    statistics: Statistics,
    exhausted: bool,
    batches: u64,
}

impl<'a> Search<'a> {
    /// Takes in values that the code mentions and that its source does not tell.
    pub fn mention(&mut self, tokens: &[crate::Token]) {
        if self.know.on(Technique::Living) {
            tokens.iter().for_each(|token| self.know.dictionary.learn(token));
        }
    }

    /// Starts a search.
    pub fn new(subject: &'a Subject, options: Options) -> Self {
        let switches = Switches::without(&options.without);
        let atlas = Atlas::new(subject, switches);
        let scratch = Scratch::new(options.seed, atlas.len());
        let know = Knowledge {
            dictionary: if switches.on(Technique::Literals) {
                Dictionary::new(subject)
            } else {
                Dictionary::default()
            },
            atlas,
            bandit: Bandit::default(),
            instances: Instances::default(),
            limits: Limits::WIDE,
            switches,
            openness: 0,
            reach: 3,
            widening: 0,
        };
        let enumerator = if switches.on(Technique::Enumeration) {
            Enumerator::new(&know)
        } else {
            Enumerator::none()
        };
        let seeds = if switches.on(Technique::Seeds) {
            subject.seeds.iter().collect()
        } else {
            VecDeque::new()
        };
        Self {
            subject,
            options,
            know,
            scratch,
            enumerator,
            corpus: Corpus::default(),
            schedule: Schedule::default(),
            seeds,
            waiting: VecDeque::new(),
            seen: Seen::default(),
            pending: Vec::new(),
            witnesses: Witnesses::default(),
            statistics: Statistics::default(),
            exhausted: false,
            batches: 0,
        }
    }

    /// The next inputs to run, none of which was ever given before; empty when there are no others.
    pub fn next_batch(&mut self) -> Vec<Input> {
        let most = (32usize << self.batches.min(20)).min(self.options.batch.max(1));
        self.batches += 1;
        self.adjust();
        let mut batch = self.fill(most);
        while batch.is_empty() && self.open_further() {
            batch = self.fill(most);
        }
        self.exhausted = batch.is_empty();
        batch
    }

    fn fill(&mut self, most: usize) -> Vec<Input> {
        let mut batch = Vec::with_capacity(most);
        self.pending.clear();
        let (mut misses, mut repeats) = (0, 0);
        while batch.len() < most && misses < PATIENCE {
            let Some((input, origin)) = self.propose() else { break };
            // Doubling after doubling leads beyond all bounds.
            if (origin.lane.is_none() || input.size() <= LARGEST) && self.seen.note(&input) {
                batch.push(input);
                self.pending.push(origin);
                misses = 0;
            } else {
                misses += 1;
                repeats += 1;
            }
        }
        // Most of what is in reach was tried: reach further.
        self.know.widening += usize::from(repeats > batch.len() && self.know.widening < WIDEST);
        batch
    }

    /// Lets inputs grow, and lets shapes go that have not worked at all.
    fn adjust(&mut self) {
        let tried = self.statistics.tried;
        self.know.reach = 3 + (u64::BITS - (tried / 32).leading_zeros()) as usize;
        let hopeless = self.statistics.useful() == 0;
        if hopeless && tried >= [400, 2000, u64::MAX][self.know.openness] {
            self.open_further();
        }
    }

    /// Mixes the shapes of the roots with anything; false where that was done already or helps nothing.
    fn open_further(&mut self) -> bool {
        let may = self.know.on(Technique::Fallback) && self.statistics.useful() == 0 && self.statistics.tried > 0;
        let can = self.know.openness < 2
            && self
                .know
                .atlas
                .roots
                .iter()
                .any(|root| root.shapes[1] != root.shapes[0]);
        if may && can {
            self.know.openness += 1;
            self.enumerator = if self.know.on(Technique::Enumeration) {
                Enumerator::new(&self.know)
            } else {
                Enumerator::none()
            };
        }
        may && can
    }

    /// An input that may or may not be new; nothing where no technique has anything to give.
    fn propose(&mut self) -> Option<(Input, Origin)> {
        let alone = |technique| Origin { technique, lane: None };
        if let Some(seed) = self.seeds.pop_front() {
            return Some((seed.clone(), alone(Technique::Seeds)));
        }
        if let Some(input) = self.waiting.pop_front() {
            return Some((input, alone(Technique::Hints)));
        }
        loop {
            let open = [
                !self.enumerator.is_done(),
                self.know.on(Technique::Mutation) && !self.corpus.is_empty() && !self.know.atlas.roots.is_empty(),
                self.know.on(Technique::Generation) || !self.know.on(Technique::Enumeration),
            ];
            let lane = self.schedule.next(&mut self.scratch.random, open)?;
            let made = match lane {
                Lane::Enumeration => self.enumerated().map(|input| (input, Technique::Enumeration)),
                Lane::Mutation => self.mutated(),
                Lane::Generation => Some(self.generated()),
            };
            if let Some((input, technique)) = made {
                return Some((
                    input,
                    Origin {
                        technique,
                        lane: Some(lane),
                    },
                ));
            }
        }
    }

    /// The next combination of small values that is not without hope.
    fn enumerated(&mut self) -> Option<Input> {
        let filter = self.know.on(Technique::ValidityBandit) && self.know.atlas.has_choices;
        loop {
            let input = self.enumerator.next(&self.know)?;
            let bandit = &self.know.bandit;
            if !filter || !bandit.is_hopeless(&self.know.atlas, self.know.openness, &input) {
                return Some(input);
            }
        }
    }

    fn generated(&mut self) -> (Input, Technique) {
        let mut maker = Maker::new(&self.know, &mut self.scratch);
        let mut draft = maker.draft();
        let mut technique = Technique::Generation;
        if self.know.on(Technique::Relations)
            && draft.nodes.is_empty()
            && maker.scratch.random.percent(30)
            && relate(&mut maker, &mut draft)
        {
            technique = Technique::Relations;
        }
        (draft.assemble(&self.know.atlas), technique)
    }

    fn mutated(&mut self) -> Option<(Input, Technique)> {
        let mut draft = self.corpus.pick(&mut self.scratch.random)?.clone();
        let mut maker = Maker::new(&self.know, &mut self.scratch);
        let technique = mutate(&mut maker, &mut draft);
        Some((draft.assemble(&self.know.atlas), technique))
    }

    /// Learns what came of a batch, in the same order; feedback may be missing for the end of it.
    ///
    /// Inputs that this search did not propose may be told as well, once the proposed ones are.
    pub fn learn(&mut self, batch: Vec<Input>, feedback: &[Feedback]) {
        self.learn_from(Technique::Seeds, batch, feedback);
    }

    /// As `learn`; inputs of the batch that the search did not propose are told as those of `technique`.
    pub fn learn_from(&mut self, technique: Technique, batch: Vec<Input>, feedback: &[Feedback]) {
        let origins = std::mem::take(&mut self.pending);
        let mut slow = 0;
        for (index, (input, feedback)) in batch.iter().zip(feedback).enumerate() {
            let origin = origins.get(index).copied().unwrap_or_else(|| {
                self.seen.note(input);
                Origin { technique, lane: None }
            });
            slow += usize::from(feedback.slow);
            self.learn_one(input, feedback, origin);
        }
        // One may be bad luck; several mean that the function grows faster than its inputs.
        if slow >= 2 {
            self.know.limits = self.know.limits.tighter();
        }
        self.witnesses.settle();
    }

    fn learn_one(&mut self, input: &Input, feedback: &Feedback, origin: Origin) {
        let news = feedback.difference.map_or(News::Nothing, |class| {
            let from = (self.statistics.tried, origin.technique);
            self.witnesses.note(self.subject, input, class, feedback.validity, from)
        });
        let new_class = news == News::Class;
        self.statistics.count(feedback, origin.technique, new_class);
        let useful = matches!(feedback.validity, Validity::Returned | Validity::Raised);
        if let Some(lane) = origin.lane {
            self.schedule
                .learn(lane, useful, feedback.new_coverage > 0 || new_class);
        }
        if self.know.on(Technique::ValidityBandit) && self.know.atlas.has_choices {
            self.know
                .bandit
                .learn(&self.know.atlas, self.know.openness, input, feedback.validity);
        }
        if useful && self.know.on(Technique::Instances) && self.know.atlas.has_objects {
            self.know.instances.learn(input, &mut self.scratch.random);
        }
        self.keep(input, feedback, news, origin);
        if self.know.on(Technique::Hints) && !feedback.hints.is_empty() {
            feedback.hints.iter().for_each(|hint| self.know.dictionary.hint(hint));
            if self.waiting.len() < WAITING {
                self.waiting.extend(hints::replaced(input, &feedback.hints));
            }
        }
    }

    /// Keeps an input that is worth changing.
    fn keep(&mut self, input: &Input, feedback: &Feedback, news: News, origin: Origin) {
        // What somebody wrote down is worth changing, though others before it reached the same.
        let is_given = origin.technique == Technique::Seeds && feedback.validity == Validity::Returned;
        let covers = self.know.on(Technique::Coverage) && (feedback.new_coverage > 0 || is_given);
        let runs = !matches!(feedback.validity, Validity::NotMade | Validity::Unusable);
        let merits = covers || news != News::Nothing;
        if runs && merits && (!feedback.slow || feedback.new_changed_coverage > 0) {
            let counted = |locations: u32| if covers { locations } else { 0 };
            let merit = Merit {
                coverage: counted(feedback.new_coverage),
                changed: counted(feedback.new_changed_coverage),
                new_difference: news == News::Class,
                better_example: news == News::Example,
                validity: feedback.validity,
                size: input.size(),
            };
            if let Some(draft) = Draft::of(&self.know.atlas, input) {
                self.corpus.keep(draft, merit);
            }
        } else if feedback.validity == Validity::Returned && !feedback.slow {
            self.sample(input);
        }
    }

    /// Keeps a valid input by chance, not only the small ones that come first.
    fn sample(&mut self, input: &Input) {
        if self.corpus.wants_sample(&mut self.scratch.random)
            && let Some(draft) = Draft::of(&self.know.atlas, input)
        {
            self.corpus.add_sample(draft, &mut self.scratch.random);
        }
    }

    /// Inputs on which the versions differ, at most twelve for each class, the best examples first.
    pub fn witnesses(&self) -> &[Witness] {
        self.witnesses.ranked()
    }

    /// How it has gone so far.
    pub fn statistics(&self) -> Statistics {
        self.statistics.clone()
    }

    /// Whether there are no inputs left that were not tried.
    pub fn exhausted(&self) -> bool {
        self.exhausted
    }

    /// Whether going on is not worth much: there are no other inputs; or there were [`Options::enough`] useful ones, and
    /// since the last news (a location reached first, a new class of difference) eight full batches have passed and as many
    /// inputs as it took to get there.
    ///
    /// A search without any useful input is never saturated by this rule, for it has shown nothing.
    pub fn saturated(&self) -> bool {
        let statistics = &self.statistics;
        let quiet = statistics.since_news();
        let before = statistics.tried - quiet;
        let long = quiet >= 8 * self.options.batch as u64 && quiet >= before;
        self.exhausted || (statistics.useful() >= self.options.enough && long)
    }
}

impl Search<'_> {
    /// The statistics without a copy.
    pub(crate) fn progress(&self) -> &Statistics {
        &self.statistics
    }
}
