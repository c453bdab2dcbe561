/* What libtiff calls of JBIG-KIT, for the program in one file: that library is under the GPL, and bi-level pictures
 * in JBIG are no photographs. Such a TIFF is told as one that cannot be decoded. */
#include <jbig.h>
#include <string.h>

void jbg_dec_init(struct jbg_dec_state* s) {
  memset(s, 0, sizeof *s);
}

int jbg_dec_in(struct jbg_dec_state* s, unsigned char* data, size_t length, size_t* count) {
  (void)s, (void)data, (void)length;
  if (count) *count = 0;
  return JBG_EINVAL;
}

unsigned char* jbg_dec_getimage(const struct jbg_dec_state* s, int plane) {
  (void)s, (void)plane;
  return 0;
}

unsigned long jbg_dec_getsize(const struct jbg_dec_state* s) {
  (void)s;
  return 0;
}

void jbg_dec_free(struct jbg_dec_state* s) {
  (void)s;
}

int jbg_newlen(unsigned char* data, size_t length) {
  (void)data, (void)length;
  return JBG_EINVAL;
}

const char* jbg_strerror(int error) {
  (void)error;
  return "JBIG is left out of this program";
}

/* Nothing is written in JBIG. */
void jbg_enc_init(struct jbg_enc_state* s, unsigned long x, unsigned long y, int planes, unsigned char** p,
                  void (*out)(unsigned char*, size_t, void*), void* file) {
  (void)x, (void)y, (void)planes, (void)p, (void)out, (void)file;
  memset(s, 0, sizeof *s);
}

void jbg_enc_out(struct jbg_enc_state* s) {
  (void)s;
}

void jbg_enc_free(struct jbg_enc_state* s) {
  (void)s;
}
