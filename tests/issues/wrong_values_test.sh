#!/bin/sh
# Values that a flag cannot have ended with exit code 1, and only once the data had been read; numbers that do not fit
# were cut to some that do, and messages did not say what is expected.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

# wrong PATTERN FLAG VALUE: by flag, and by file, where the message says which.
wrong() {
  refused 2 "train: $2: $1" "$iuf" train nowhere --out x "$2" "$3"
  printf '# Settings\n%s = "%s"\n' "${2#--}" "$3" > settings
  refused 2 "settings:2: '${2#--}': $1" "$iuf" train nowhere --out x --config settings
}
wrong "needs a number, not 'abc'" --blur abc
wrong "needs a number, not ''" --blur ""
wrong "needs a number, not 'nan'" --blur nan
wrong "needs a number, not '1e999'" --jitter 1e999
wrong "needs a number, not '0x10'" --blur 0x10
wrong "needs a number, not '5%'" --blur 5%
wrong "from 0 to 100, not 1000" --blur 1000
wrong "needs a whole number, not '1.5'" --epochs 1.5
wrong "needs a whole number, not '1e3'" --seed 1e3
wrong "needs a whole number, not '0x10'" --seed 0x10
huge=99999999999999999999
wrong "needs a whole number from -?[0-9]+ to 9223372036854775807, not $huge" --epochs $huge
wrong "from 1 to 1000000, not 2147483648" --epochs 2147483648
wrong "from 1 to half the image size, not 0" --grid 0
wrong "from 2 to 4096, not -1" --batch -1
wrong "a multiple of 16 from 32 to 4096, not 40" --image-size 40
wrong "above 0, not 0" --ridge 0
wrong "from 1e-06 to 0.999999, or with %, not 2" --false-alarms 2
wrong "between 0 and 1, or with %, not 1" --held-out 100%
wrong "needs a number, not '%'" --held-out %
wrong ".*auto, or LOW:HIGH" --window 3
wrong ".*coarse, fine, deep and whole" --views far
wrong ".*photograph, published" --metrics-size poster
wrong "maybe not in .true,false" --oasa maybe
wrong "from 0 to 4096, not 9999" --threads 9999
wrong "needs a number, not 'soon'" --checkpoint-seconds soon
wrong "not negative, not -1" --checkpoint-seconds -1

# Where settings do not fit each other or the method.
refused 2 "'heads': must divide hidden" "$iuf" train nowhere --out x --hidden 16 --heads 5
refused 2 "'grid': from 1 to half the image size, 32, not 33" "$iuf" train nowhere --out x --image-size 64 --grid 33
refused 2 "method 'finetune' sets pull" "$iuf" train nowhere --out x --method finetune --pull 0.1

# Other commands.
refused 2 "compare: --seeds: needs a whole number, not 'b'" "$iuf" compare nowhere --out x --stream 3-1 --seeds 1,b
refused 2 "compare: --jobs: from 0 to 4096, not -1" "$iuf" compare nowhere --out x --stream 3-1 --jobs -1
refused 2 "compare: --methods: .*magic" "$iuf" compare nowhere --out x --stream 3-1 --methods iuf,magic
refused 2 "compare: --blur: from 0 to 100" "$iuf" compare nowhere --out x --stream 3-1 --blur -1
refused 2 "eval: --metrics-size: .*photograph, published" "$iuf" eval nowhere nowhere --metrics-size poster
refused 2 "predict: --false-alarms: needs a number, not 'few'" "$iuf" predict nowhere a --out x --false-alarms few
refused 2 "synth: --train: from 0 to 100000, not 2147483648" "$iuf" synth x --train 2147483648
refused 2 "synth: --size: needs N or WIDTHxHEIGHT in pixels, not '64y'" "$iuf" synth x --size 64y
refused 2 "image size 8 is outside 32 to 2048" "$iuf" synth x --size 8
refused 2 "demo: --size: from 32 to 2048, not 8" "$iuf" demo x --size 8

# Files: what cannot be a value of the key.
echo 'epochs = [1, 2]' > settings
refused 2 "settings:1: 'epochs' needs one value, not 2" "$iuf" train nowhere --out x --config settings
echo 'quiet = maybe' > settings
refused 2 "settings:1: 'quiet': needs true or false" "$iuf" train nowhere --out x --config settings

# Numbers are read as they are written.
echo 'seed = 010' > settings
"$iuf" synth data --quiet --size 64 --train 4 --test-good 1 --per-defect 0 --objects gear > out
check "a number with a leading zero" "$iuf" train data --method gaussian --image-size 64 --threads 01 --quiet \
  --out run --config settings --false-alarms 5% --blur +1
grep -q '^seed = 10$' run/config.toml && ok || not_ok "010 became $(grep seed run/config.toml)"
grep -q '^false-alarms = 0.05$' run/config.toml && ok || not_ok "5% became $(grep alarms run/config.toml)"
[ ! -e x ] && ok || not_ok "a refused command left a folder"
finish
