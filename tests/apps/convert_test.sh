#!/bin/sh
# Other people's weights: what `iuf convert` makes of checkpoints, and that models made of them work in all commands.
. "$(dirname "$0")/support.sh"
cd "$work" || exit 1

check "weights alone" "$iuf" convert "$golden/checkpoint_zip.pth" weights.safetensors --quiet
grep -q 'as-model makes a model' out && ok || not_ok "IUF's weights are not recognised: $(cat out)"
check "a backbone" "$iuf" convert "$golden/../../weights/efficientnet_lite0_features.safetensors" lite0.safetensors \
  --quiet
grep -q 'usable as --backbone efficientnet_lite0' out && ok || not_ok "a backbone is not recognised: $(cat out)"

# Without normal images: maps and scores, but no verdicts.
published="$golden/published"
check "a model" "$iuf" convert "$published/iuf.pth" model.safetensors --as-model --backbone efficientnet_lite0 \
  --objects biscuit,capsule,gear
grep -q 'no thresholds' err && ok || not_ok "that there are no thresholds is not said: $(cat err)"
check "its description" "$iuf" info model.safetensors
grep -Eq '^gear +1 +none ' out && grep -q 'profile released' out && grep -q ' hidden=16 ' out && ok \
  || not_ok "the description is wrong: $(cat out)"
check "its predictions" "$iuf" predict model.safetensors "$golden/pattern.png" --out found --quiet
grep -q ',113.428[0-9]*,,no threshold,biscuit,' found/predictions.csv && ok \
  || not_ok "wrong prediction: $(cat found/predictions.csv)"
make_data data
check "its evaluation" "$iuf" eval model.safetensors data --objects gear --csv scores.csv --quiet
grep -q ',,no threshold,' scores.csv && ok || not_ok "scores.csv has verdicts: $(head -n 3 scores.csv)"

# With them.
check "a model of UniAD" "$iuf" convert "$published/uniad.pth" uniad.safetensors --as-model --backbone \
  efficientnet_lite0 --objects biscuit,capsule --normal data --increment-epochs 2 --quiet
check "its description" "$iuf" info uniad.safetensors
grep -Eq '^capsule +1 +[0-9.e+]+ +5 +6 ' out && grep -q 'neighbour-mask=7' out && ok \
  || not_ok "no threshold, or no mask: $(cat out)"
grep -q '^model of method uniad,' out && ok || not_ok "not UniAD: $(head -1 out)"
check "its evaluation" "$iuf" eval uniad.safetensors data --objects biscuit,capsule --quiet --json
grep -q '"image_acc": [01]' out && ok || not_ok "eval measured nothing: $(cat out)"
check "one more object" "$iuf" add uniad.safetensors data/gear --quiet --out more.safetensors
check "its predictions" "$iuf" predict more.safetensors data/gear/test/good --out found --quiet
grep -Eq ',(ok|defect),' found/predictions.csv && ok || not_ok "no verdict: $(cat found/predictions.csv)"

refused 2 "objects requires --as-model" "$iuf" convert "$published/iuf.pth" x --objects a
refused 2 "settings are for a model; add --as-model" "$iuf" convert "$published/iuf.pth" x --hidden 16
refused 2 "method 'uniad' sets pull to 0.0, not 0.1" "$iuf" convert "$published/uniad.pth" x --as-model --objects a \
  --backbone efficientnet_lite0 --pull 0.1
refused 1 "tells 3 objects apart, but 4 names" "$iuf" convert "$published/iuf.pth" x --as-model --objects a,b,c,d \
  --backbone efficientnet_lite0
refused 1 "channels, those of efficientnet_b4 272; choose a --backbone" "$iuf" convert "$published/iuf.pth" x \
  --as-model --objects a,b,c
refused 1 "its hidden is 16, not 32" "$iuf" convert "$published/iuf.pth" x --as-model --objects a,b,c --backbone \
  efficientnet_lite0 --hidden 32
refused 1 "no checkpoint of IUF or UniAD" "$iuf" convert "$golden/metrics.safetensors" x --as-model --objects a
[ ! -e x ] && ok || not_ok "a refused conversion left a file"
finish
