"""Methods beside each other: every one trained over seeds, judged alike, in one table.

`python -m training compare --config training/configs/studies/compare_street.yaml --data DIR --out OUT` trains on
DIR/train, fits the judgement's scales on DIR/val, chooses each method's anomaly score on DIR/dev, reports DIR/test,
each point alone and judged, and leaves in OUT:

    table.md, table.csv   by method, mean and standard deviation over seeds; runs.csv: by run; comparison.png
    METHOD/seedN/         fit's run folder with judgement.json, trial.json (settings, source, data, device), dev.json,
                          test.json, test_scenes.npz (counts by scene) and output.txt

A finished run is never made again and a broken-off one goes on from its checkpoint, so the same command continues
whatever it was stopped in. Runs of other settings or data are refused, of other source too unless asked for.
"""
