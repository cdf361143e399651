"""Writes scores.json: random predictions and what scikit-learn says of them. pip install scikit-learn; python scores.py."""
import json
import pathlib

import numpy as np
from sklearn import metrics

rng = np.random.default_rng(0)


def classes(count, examples):
    truth = rng.integers(0, count, examples)
    logits = rng.normal(size=(examples, count)) + 1.2 * np.eye(count)[truth]
    # Rounded, so that some scores are equal.
    probabilities = np.round(np.exp(logits) / np.exp(logits).sum(1, keepdims=True), 2)
    probabilities = probabilities / probabilities.sum(1, keepdims=True)
    probabilities = probabilities.astype(np.float32).astype(np.float64)
    chosen = probabilities.argmax(1)
    average = {"average": "macro", "zero_division": 0}
    scores = probabilities[:, 1] if count == 2 else probabilities
    per_class = [metrics.roc_auc_score(truth == index, probabilities[:, index]) for index in range(count)]
    return {
        "outputs": probabilities.tolist(),
        "truth": truth.tolist(),
        "accuracy": metrics.accuracy_score(truth, chosen),
        "balancedAccuracy": metrics.balanced_accuracy_score(truth, chosen),
        "precision": metrics.precision_score(truth, chosen, **average),
        "recall": metrics.recall_score(truth, chosen, **average),
        "f1": metrics.f1_score(truth, chosen, **average),
        "rocAUC": metrics.roc_auc_score(truth, scores) if count == 2 else float(np.mean(per_class)),
        "logLoss": float(-np.log(np.maximum(probabilities[np.arange(examples), truth], 2.0**-126)).mean()),
        "confusionMatrix": metrics.confusion_matrix(truth, chosen).tolist(),
    }


truth = rng.normal(size=40).astype(np.float32)
predictions = (truth + rng.normal(size=40) * 0.3).astype(np.float32)
numbers = {
    "outputs": predictions.astype(np.float64).tolist(),
    "truth": truth.astype(np.float64).tolist(),
    "meanAbsoluteError": metrics.mean_absolute_error(truth.astype(np.float64), predictions.astype(np.float64)),
    "rootMeanSquaredError": metrics.mean_squared_error(truth.astype(np.float64), predictions.astype(np.float64)) ** 0.5,
    "rSquared": metrics.r2_score(truth.astype(np.float64), predictions.astype(np.float64)),
}
pairs = [values.astype(np.float64).reshape(20, 2) for values in (truth, predictions)]
numbers["ofTwoTargets"] = {
    "meanAbsoluteError": metrics.mean_absolute_error(*pairs),
    "rootMeanSquaredError": float(np.sqrt(metrics.mean_squared_error(*pairs, multioutput="raw_values")).mean()),
    "rSquared": metrics.r2_score(*pairs),
}
fixture = {"classes": [classes(2, 50), classes(4, 60)], "numbers": numbers}
pathlib.Path(__file__).with_name("scores.json").write_text(json.dumps(fixture) + "\n")
