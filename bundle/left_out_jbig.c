/* What libtiff calls of JBIG-KIT, for the program in one file: that library is under the GPL. No build of the program
 * reads TIFF files with JBIG inside: they are refused before any of this is called. */
#include <stddef.h>

int jbg_dec_in(void* state, unsigned char* data, size_t length, size_t* count);
int jbg_newlen(unsigned char* data, size_t length);
unsigned char* jbg_dec_getimage(const void* state, int plane);
unsigned long jbg_dec_getsize(const void* state);
const char* jbg_strerror(int error);
void jbg_dec_init(void* state);
void jbg_dec_free(void* state);
void jbg_enc_init(void* state, unsigned long x, unsigned long y, int planes, unsigned char** data,
                  void (*out)(unsigned char*, size_t, void*), void* file);
void jbg_enc_out(void* state);
void jbg_enc_free(void* state);

static const int wrong = 6 << 4; /* JBG_EINVAL */

int jbg_dec_in(void* state, unsigned char* data, size_t length, size_t* count) {
  (void)state, (void)data, (void)length;
  if (count) *count = 0;
  return wrong;
}

int jbg_newlen(unsigned char* data, size_t length) {
  (void)data, (void)length;
  return wrong;
}

unsigned char* jbg_dec_getimage(const void* state, int plane) {
  (void)state, (void)plane;
  return NULL;
}

unsigned long jbg_dec_getsize(const void* state) {
  (void)state;
  return 0;
}

const char* jbg_strerror(int error) {
  (void)error;
  return "JBIG is left out of this program";
}

void jbg_dec_init(void* state) {
  (void)state;
}

void jbg_dec_free(void* state) {
  (void)state;
}

/* Nothing is written in JBIG. */
void jbg_enc_init(void* state, unsigned long x, unsigned long y, int planes, unsigned char** data,
                  void (*out)(unsigned char*, size_t, void*), void* file) {
  (void)state, (void)x, (void)y, (void)planes, (void)data, (void)out, (void)file;
}

void jbg_enc_out(void* state) {
  (void)state;
}

void jbg_enc_free(void* state) {
  (void)state;
}
