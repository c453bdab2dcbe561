/* judge MODEL IMAGE...: a line for every image, and one for every region of a defect.
 *
 *   cc judge.c -o judge $(pkg-config --cflags --libs iuf)
 */
#include <iuf.h>
#include <stdio.h>

static int failed(const char* what) {
  fprintf(stderr, "judge: %s: %s\n", what, iuf_last_error());
  return 1;
}

/* Says what is known of one photograph. */
static int say(const char* file, const iuf_judgement* judgement) {
  iuf_summary s;
  if (iuf_judgement_summary(judgement, &s, sizeof s) != IUF_OK) return failed(file);
  printf("%s,%.17g,%s,%s\n", file, s.score, s.verdict_name, s.object);
  for (size_t i = 0; i < s.regions; ++i) {
    iuf_region r;
    if (iuf_judgement_region(judgement, i, &r, sizeof r) != IUF_OK) return failed(file);
    printf("  %lld x %lld pixels at (%lld, %lld)\n", (long long)r.width, (long long)r.height, (long long)r.x,
           (long long)r.y);
  }
  return 0;
}

int main(int argc, char** argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: judge MODEL IMAGE...\n");
    return 2;
  }
  if (iuf_abi_version() != IUF_ABI_VERSION) {
    fprintf(stderr, "judge: this library is not of the version of its header\n");
    return 1;
  }
  iuf_model* model;
  if (iuf_model_load(argv[1], &model) != IUF_OK) return failed(argv[1]);
  int code = 0;
  for (int i = 2; i < argc; ++i) {
    iuf_judgement* judgement;
    if (iuf_judge_file(model, argv[i], NULL, &judgement) != IUF_OK) {
      code = failed("image");
      continue;
    }
    code |= say(argv[i], judgement);
    iuf_judgement_free(judgement);
  }
  iuf_model_free(model);
  return code;
}
