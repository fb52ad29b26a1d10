"""Settings from YAML and the command line."""

from pathlib import Path

import pytest

import training
from fm_ood_ros.errors import InputError
from training.config import Config, load_config
from training.losses.config import METHODS, CrossModalConfig, SynthesisConfig

PRESETS = Path(training.__file__).parent / "configs"
OF_DATA_SETS = ("semantic_kitti_paper", "nuscenes_paper", "carla_ood_paper")  # see test_paper_configs
OF_METHODS = {path.stem for path in PRESETS.glob("*.yaml")} - set(OF_DATA_SETS)


def written(tmp_path, text):
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_defaults_are_the_papers():
    mixing = SynthesisConfig("feature_mixing")
    assert (mixing.n, mixing.gamma1, mixing.start, mixing.warmup) == (10, 3.0, 0.0, 0.0)
    assert (mixing.draw, mixing.loss) == ("batch", "entropy")
    assert not (mixing.detach or mixing.class_weighted)
    assert CrossModalConfig("a2d").weight == 1.0


@pytest.mark.parametrize("name", sorted(OF_METHODS))
def test_presets_do_what_their_name_says(name):
    config = load_config(PRESETS / f"{name}.yaml")
    method = next((m for m in ("feature_mixing", *METHODS[2:]) if m in name), "none")
    assert config.synthesis.method == method
    assert config.cross_modal.method == next((m for m in ("a2d", "xmuda") if name.startswith(m)), "none")


def test_overrides_win_and_keep_the_rest(tmp_path):
    path = written(tmp_path, "seed: 3\noptimiser: {batch: 2, learning_rate: 1e-3}\n")
    config = load_config(path, ["optimiser.batch=4", "network.size=[32, 64]", "data.train_sequences=['00', '08']"])
    assert (config.seed, config.optimiser.batch, config.optimiser.learning_rate) == (3, 4, 1e-3)
    assert config.network.size == (32, 64)
    assert config.data.train_sequences == ("00", "08")
    assert config.optimiser.iterations == Config().optimiser.iterations


def test_what_was_used_can_be_read_again(tmp_path):
    import yaml

    config = load_config(None, ["seed=5", "network.channels=[4, 6, 8, 8]", "synthesis.method=vos"])
    assert load_config(written(tmp_path, yaml.safe_dump(config.to_dict()))) == config


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("optimizer.batch=3", "sets 'optimizer', which does not exist"),
        ("optimiser.bacth=3", "sets 'optimiser.bacth', which does not exist; known here: .*'batch'"),
        ("optimiser.batch=four", "'optimiser.batch' is 'four', expected int"),
        ("optimiser.batch=2.5", "'optimiser.batch' is 2.5, expected int"),
        ("optimiser.batch=0", "optimiser.batch is 0, expected 1 or more"),
        ("synthesis.detach=3", "'synthesis.detach' is 3, expected bool"),
        ("synthesis={method: feature_mixing, n: 40}", "synthesis.n is 40, expected 0 to 32"),
        ("synthesis.start=50", "synthesis.start is 50.0, expected a share"),
        ("synthesis.method=gan", "synthesis.method is gan, expected one of none, feature_mixing, mixup, vos"),
        ("synthesis.draw=pixel", "synthesis.draw is pixel, expected one of batch, block, sample, point"),
        ("synthesis={method: vos, class_weighted: true}", "class_weighted is True, expected false for method vos"),
        ("synthesis={choice: weight, draw: point}", "synthesis.choice is weight, expected random for this draw"),
        ("synthesis.margins=[1, -1]", "synthesis.margins is .1.0, -1.0., expected the known one below"),
        ("loss.bounded=yes_please", "loss.bounded is yes_please, expected one of none, logit_norm"),
        ("cross_modal.method=a2d", "network.unimodal_heads is False, expected true for cross_modal.method a2d"),
        ("network.normalise=instance", "network.normalise is instance, expected one of none, layer, batch"),
        ("input.frame=x", "input.frame is x, expected one of mount, lidar"),
        ("input.range=[5, 1]", r"input.range is \[5.0, 1.0\], expected the lower value first"),
        ("input.range=[-1, 100]", r"input.range is \[-1.0, 100.0\], expected 0 or more"),
        ("input.height=[3, 3]", r"input.height is \[3.0, 3.0\], expected the lower value first"),
        ("input.height=[0, .inf]", r"input.height is \[0.0, inf\], expected finite numbers"),
        ("input.intensity=0", "input.intensity is 0.0, expected a finite number above 0"),
        ("input.intensity=.nan", "input.intensity is nan, expected a finite number above 0"),
        ("input.heigth=[0, 1]", "sets 'input.heigth', which does not exist; known here: .*'height'"),
        ("augmentation.yaw=10", "sets 'augmentation.yaw', which does not exist; known here: .*'tilt'"),
        ("optimiser.kind=lion", "optimiser.kind is lion, expected one of adamw, paper"),
        ("optimiser.ema=1", "optimiser.ema is 1.0, expected 0 up to, not including, 1"),
        ("stopping.every=-1", "stopping.every is -1, expected 0 or more"),
        ("network.kind=vast", "network.kind is vast, expected one of compact, trimodal, paper"),
        ("loss.class_weights=some", "loss.class_weights is some, expected one of log_inverse, none"),
        ("synthesis.gamma1=-1", "synthesis.gamma1 is -1.*expected 0 or more"),
        ("optimiser.precision=int8", "expected one of bf16, fp16, fp32"),
        ("network.size=[160]", "'network.size' is .160., expected a list of 2"),
        ("network=small", "'network' is 'small', expected settings by name"),
        ("seed", "expected key=value"),
        ("network.size=[32,", "whose value is no YAML"),
        ("seed.x=3", "'seed' is .'x': 3., expected int"),
    ],
)
def test_what_is_wrong_is_named(setting, message):
    with pytest.raises(InputError, match=message):
        load_config(None, [setting])


def test_a_file_that_is_no_yaml(tmp_path):
    with pytest.raises(InputError, match="cannot be read as YAML"):
        load_config(written(tmp_path, "a: [1,"))
    with pytest.raises(InputError, match="cannot be read"):
        load_config(tmp_path / "none.yaml")
    with pytest.raises(InputError, match="holds a list, expected settings"):
        load_config(written(tmp_path, "[1, 2]"), ["seed=1"])
