"""The words of ``docs/paper-evidence.md``: what stands above its tables, and what is said of each."""

HEAD = """\
# The tables of the paper

Every table and figure of the EMER paper (arXiv 2512.16485) from its [experiment file](experiments.md): on real people
where the data carry the question, then on a simulated cohort of the paper's size. The page is written by
`python -m docs.paper_evidence_page` from `docs/evidence/paper_tables.json`, which `make slow ONLY=paper_tables` obtains
(tables of commit {commit}, of models fitted at 6e8aabc5e0e3). What all models find on the real data,
[the rivals compared](rivals.md) says; eye measures of real people against labels stand in
[eye measures](eye-measures.md), what else predicts labels in [confounds](confounds.md).

**Nothing here is EMER.** [`emogap reproduce emer`](reproduce.md) runs the same protocols on its release, for whoever
has it. The simulated cohort has its shape: 121 people, 28 films, {simulated_clips} clips (EMER kept 1,303), each person
11 of the films (`emogap simulate study --participants 121 --stimuli 28 --stimuli-per-participant 11 --seed 0`), gaze at
120 Hz, face video described by HOG, four judges, the defaults of [the simulator](simulation.md). Its numbers say what
the software does, and how far a model stays below the best score that the simulated signals allow; nothing about
people. Printed numbers of the paper are not put beside these.

## How it was run

Preset `evidence` for every model alike: 20 epochs at 1e-4, batches of 16, one seed; 3 folds of people in place of the
files' 5, and the split `person` alone, fewer models or 2 folds where the command says so. 20 epochs are a tenth of
the paper's 200. EMERT, a linear model and six rivals: the six others of Table II take 6 to 334 s an epoch at this
size ([how long](rivals.md)), some 15 hours of two processors for Table II alone (10 of them `c3d_transformer`). Four of
the six were run for three classes and unseen people, `tailor` and `c3d_transformer` not at all.

{timing}
"""

HEADINGS = {
    "ceap360vr": (
        "## Real people: CEAP-360VR\n\n24 people, eight 360-degree films, self-reported valence and arousal.\n"
    ),
    "uniss_fgd": (
        "## Real people: Uniss-FGD\n\n"
        "16 people, 80 photographs of faces; the label is the expression of the photograph.\n"
    ),
    "simulated": "## Simulated cohort of the paper's size\n",
}
"""Data in the order of the page."""

TIMING = """\
What is on this page took some two hours of two processors that did other work too, so times are reckoned from a
measured one: an epoch of EMERT in a fold of 1,043 training clips, of which the people who choose the epoch have a
fifth, takes 4.1 s of one idle processor, so a fit in one of 868 clips 70 s. A model has F fits per split: with both
splits 3 F in the preset `evidence` (unseen people, the same with thinned training sets, unseen people and films on
the diagonal), F + 2 F x F in `protocol`, which runs all cells and 200 epochs: with the files' 5 folds 37 times as
much. By that, Table II takes EMERT 16 minutes of one processor here, 36 minutes with 5 folds, and 21 hours with 5
folds in `protocol`; two processors halve that. Time grows in proportion to clips, epochs, seeds and models, and
with the square of the folds in `protocol` alone. Felt and shown are one training, and a fit that two tables share
is made once: Tables V, VII, VIII and X find their reference in Table II. What sharing is worth, `make bench
ONLY=paper_grid` measures: the seven protocols with EMERT, 5 folds of 1,303 clips, unseen people, an epoch a fit,
are 100 fits in 71 s of two idle processors, against 180 in 219 s one after another, 3.1 times as long.
"""
"""How long it took, what ``protocol`` would take, and how it grows."""

SAID: dict[str, str] = {
    "ceap360vr_modalities": """\
For unseen people the head alone is not distinguished from both streams in the quadrant; fixations alone are worse
than both in valence (p 0.015), the head in arousal (p 0.016). With the films unseen too no interval lies apart from
the floor's and no arm is distinguished from another: eight films do not carry that question. R2 is at or below zero
there for everything, the floor included, because the mean of the films left in training is not that of the film held
out.
""",
    "ceap360vr_robustness": """\
`linear` has lost everything at a noise of variance 0.01 (a tenth of a standard deviation): some of its summaries of
a clip hardly vary between clips, and its weights on them are large. The two networks do not notice noise up to ten
times that variance, nor half of the samples lost in bursts; what `resnet_lstm` has, it has from the head.
""",
    "uniss_fgd_eye_features": """\
Nothing in any of the three groups of features tells the expression of the photograph, for unseen people or unseen
photographs: no arm is distinguished from another, and all lie within 4 points of chance.
""",
    "emer_figure_08": """\
What the simulation plants is found: felt arousal goes with shorter fixations, felt valence with wider saccades, and
both less with the judged expression. The form of this figure on real data is in [eye measures](eye-measures.md).
""",
    "gap_detector": """\
Two heads know more of the gap than a gap head or the face alone (AUROC 0.62 against 0.57). Of the sets that were to
hold the truth in 80 % of the clips, 78 to 84 % do, with intervals that hold 80; over many cohorts the means lie within
two points ([detecting the gap](gap-detector.md)). Sets abstain in half of the clips and more, and nearly every second
flag is wrong. A detector that knows nothing but the film is not clearly worse than the best of them.
""",
    "emer_table_02": """\
At this size EMERT leaves the majority (in the smaller cohort of [the rivals compared](rivals.md) it did not), for
unseen people *and* films too: UAR 48 % felt and 43 % shown in three classes, where 60 and 70 % are possible. In
three felt classes it shares its letter with the best; in shown classes, and in all seven, `resnet_transformer` and
`linear` lie above it, and in seven no network reaches `linear`. All of it after 20 epochs of the paper's 200: this
ranks models at this training, not architectures. Under the person split `stimulus_mean`, which knows only the film,
is level with the best networks in three felt classes and beats every model in seven felt ones: that split alone would
have been read as success.
""",
    "emer_table_02_three_classes": """\
With four of the slow rivals beside them: `norm_tr` has the highest UAR of what was felt (54 %), but shares its letter
with four other networks, EMERT among them, with `linear` and with the film alone. Of what is shown, `tmt` and
`norm_tr` have 61 %, where EMERT has 47 and `linear` 57. `mult` is level with `resnet_transformer` in both; `mma_dfer`,
which spends a quarter of the 20 epochs on learning without labels, is among the last.
""",
    "emer_table_11": """\
Noise of the sizes of the paper's table does nothing to any of the three, nor does a pupil that was not measured, a
calibration offset of two degrees or a drift to two; at four `self_mm` loses a point. Half of the clip lost in
bursts costs `emert` 3 points, a tenth nothing. What the models rest on shows where a stream is gone: without the
eyes all three fall by 3 to 5 points, without the face two of them, and the gaze positions of the fixations alone
matter to none but `mmim`. What a slower tracker does is in [experiments](experiments.md#robustness).
""",
    "emer_figure_09": """\
Felt answers fall more than shown ones when the eyes are taken away (by 0.04 of probability), and a patch over eyes
or forehead separates the views in the same direction; but all effects of patches on the drawn faces are small, and
this is one small network per fold. No map looks like that of a network with random weights.
""",
    "emer_table_05": """\
The simulation's own design comes back: for what was *felt*, all streams together are 4 points above the face
alone (p Holm 0.011), though the eyes alone are poor; for what is *shown*, the face alone is 7 points above
all streams together, which 20 epochs do not teach EMERT to weigh. Whether real eyes carry as much is not a question
that simulated people answer.
""",
    "emer_table_07": """\
Gaze point, time and pupil are interchangeable here beside face and fixations: none of the three alone is
distinguished from all channels, in either view.
""",
    "emer_table_08": """\
Two heads cost nothing for what was felt (and may gain a point), but for what is shown one head of its own is 9
points better (p < 0.001). In the paper two heads gain in what was felt and are about even in what is shown; its
networks train ten times as long.
""",
    "emer_table_04": """\
The intensity of the shown expression is found by all three (the floor has a CCC of 0), most by
`resnet_transformer`, least by EMERT: 0.36, 0.31 and 0.23.
""",
    "emer_table_03": """\
Felt valence is found by all networks and best by `resnet_transformer` (CCC 0.59, EMERT 0.50), though the mean
rating of the film alone has 0.49; felt arousal by none above what the film alone says (0.32). Shown valence and
arousal are found above the film by all but `lmf` and, in arousal, EMERT, best by `resnet_transformer` and `linear`.
""",
    "emer_table_12": """\
The weights of the authors' code, 0.01 and 0.01, are far ahead of every pair of the paper's grid, by 4 to 17 points
of UAR (2 folds, which is why the reference is lower than in Table II); at the paper's own best, 0.3 and 0.1, the
network is at the majority. That is the growth of the reversed loss described in [evidence](evidence.md), and why
0.01 is the default here.
""",
    "confounds": """\
Lost data, light and their like reach a UAR of 44 % (felt) and 40 % (shown; chance 33) for unseen people, the film
itself 53 and 51 %; with the film unseen nothing is left that stands above chance.
""",
    "subgroups": """\
No group of sex, age or glasses is told apart from another.
""",
    "mixed_effects": """\
Bootstrap and mixed model give the same differences and the same limits within 0.01 in every pair, though they assume
different things.
""",
    "emer_table_10": """\
Each module alone is better than neither in seven felt classes (3 and 4 points, p Holm 0.007 and 0.001); together
they are not distinguished from the network without them, nor is anything in the shown classes. The paper has both
together on top.
""",
    "emer_supplement_tsne": """\
Of a clip's nearest neighbours 8 points more share its class than other clips do, of either view, and 4 to 6 more
than in the same network with random weights; of its film 3. The features hold no more of the person than random
ones do.
""",
}
"""What is to be seen in the tables of an experiment, by its name."""
