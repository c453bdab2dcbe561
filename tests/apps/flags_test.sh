#!/bin/sh
# Commands, flags and configuration files.
. "$(dirname "$0")/support.sh"

check "the overview" "$iuf" --help
grep -q '^Example' "$work/out" && ok || not_ok "the overview has no example"
check "the version" "$iuf" --version
for command in demo doctor synth train add compare eval predict report info convert; do
  check "help of $command" "$iuf" "$command" --help
  grep -q -- --config "$work/out" && ok || not_ok "the help of $command does not show --config"
done
check "doctor" "$iuf" doctor --cache "$work/writable"
"$iuf" doctor --cache "$work/writable" | grep -q '^ok    images    PNG, JPEG.* BMP' && ok \
  || not_ok "doctor names no formats"
check "known backbones" "$iuf" info --backbones
grep -q '^wide_resnet50_2' "$work/out" && ok || not_ok "wide_resnet50_2 is not listed"

refused 2 "unknown command 'trian' \(did you mean 'train'\?\)" "$iuf" trian
refused 2 "unknown flag '--epoch' \(did you mean '--epochs'\?\)" "$iuf" train data --epoch 5
refused 2 "unknown flag '--objekts=a' \(did you mean '--objects'\?\)" "$iuf" eval a b --objekts=a
refused 2 "--out is required" "$iuf" train data
refused 2 "stem.*sphere.*patch16,pixel" "$iuf" train data --out x --stem sphere
refused 2 "epochs.*many" "$iuf" train data --out x --epochs many
refused 2 "one argument too many" "$iuf" report a b
refused 2 "steps.*excludes.*stream|stream.*excludes.*steps" "$iuf" train data --out x --stream 1x3 --steps a

# Configuration files.
make_data "$work/data"
config() { cat > "$work/config"; }
train="$iuf train --config $work/config"
config <<X
epochs = 3
epoch = 3
X
refused 2 "config:2: unknown key 'epoch' \(did you mean 'epochs'\?\)" $train
echo 'steps = a; b' | config
refused 2 "config:1: more than one value" $train
echo 'steps = "a; b' | config
refused 2 "config:1: the closing \" is missing" $train
printf 'quiet = true\nquiet = false\n' | config
refused 2 "config:2: 'quiet' is there twice" $train
echo '[train]' | config
refused 2 "config:1: sections are not used" $train
printf '\357\273\277[train]\n' | config  # as some editors begin a file
refused 2 "config:1: sections are not used" $train
refused 2 "absent" "$iuf" train --config "$work/absent"

# What a method is defined by: refused when it is given otherwise, by flag or file, and fine when it is given as it is.
refused 2 "method 'finetune' sets pull to 0.0, not 0.1; leave --pull out or choose another method" \
  "$iuf" train "$work/data" --out "$work/refused" --method finetune --pull 0.1 --quiet
refused 2 "method 'uniad' sets oasa to false, not true; leave --oasa out" "$iuf" train "$work/data" --out \
  "$work/refused" --method uniad --oasa true --quiet
echo 'compression = paper' | config
refused 2 "method 'ewc' sets compression to off, not paper; leave --compression out" $train "$work/data" --out \
  "$work/refused" --method ewc --quiet
[ ! -e "$work/refused" ] && ok || not_ok "a refused run left a folder"
check "a method's own setting" "$iuf" train "$work/data" --out "$work/agreed" --method finetune --pull 0 $tiny
check "a setting that the method does not read" "$iuf" train "$work/data" --out "$work/unread" --method padim \
  --image-size 64 --blur 2 --pull 0.1 --ridge 0.01
grep -q "'padim' does not read --pull" "$work/err" && [ "$(grep -c 'does not read' "$work/err")" = 1 ] && ok \
  || not_ok "said about settings: $(grep read "$work/err")"
check "settings as they are anyway" "$iuf" train "$work/data" --out "$work/agreed2" --method padim --image-size 64 \
  --pull 0.05 --epochs 15
grep -q "does not read" "$work/err" && not_ok "a default was complained about: $(grep read "$work/err")" || ok
check "the help of convert" "$iuf" convert --help
grep -q -- '--epochs N .*(1000)' "$work/out" && grep -q 'Defaults shown: profile released' "$work/out" && ok \
  || not_ok \
  "the help of convert shows other defaults than those of its profile: $(grep -e --epochs -e shown "$work/out")"

# All flags as keys; what is stored with the run says the same; flags win over the file, the file over the profile.
mkdir "$work/a \"b\" #1, 'c'"
out="$work/a \"b\" #1, 'c'/run"
config <<X
# A comment; names with all that TOML wants quoted.
data = '$work/data'   # another
out = "$work/a \\"b\\" #1, 'c'/run"
steps = "biscuit , capsule; gear"
profile = "fast"
quiet = true
threads = 1
image-size = 64
grid = 4
hidden = 16
heads = 2
encoder-layers = 1
decoder-layers = 1
feed-forward = 16
epochs = 1
increment-epochs = 1
batch = 4
held-out = 2.5e-1
stem = patch16
oasa = false
seed = 7
X
check "train by a file" $train --seed 8
grep -q '^seed = 8$' "$out/config.toml" && ok \
  || not_ok "the flag does not win over the file: $(grep seed "$out/config.toml")"
for line in 'held-out = 0.25' 'oasa = false' 'steps = "biscuit,capsule; gear"' 'learning-rate = 0.001' 'pull = 0.05'; do
  grep -q "^$line\$" "$out/config.toml" && ok || not_ok "config.toml does not say: $line"
done
cp "$out/config.toml" "$work/stored"
cp "$out/model.safetensors" "$work/model"
check "train by the stored file" "$iuf" train --config "$work/stored"
cmp "$work/stored" "$out/config.toml" && ok || not_ok "the stored configuration changes when it is read again"
rm -r "$out"
check "train by the stored file once more" "$iuf" train --config "$work/stored"
cmp "$work/stored" "$out/config.toml" && ok || not_ok "the stored configuration changes from run to run"
cmp "$work/model" "$out/model.safetensors" && ok || not_ok "the stored configuration gives another model"

finish
