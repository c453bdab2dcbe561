/* IUF in other people's programs: a model is loaded, judges photographs, gets other thresholds, learns.
 *
 * Functions that can fail return a status; iuf_last_error() then says what was wrong, where, and what to do. Every
 * function may be called from any thread, and any number of threads may use one model at a time, also while it learns.
 * Only what is freed must not be in use, and a judgement belongs to one thread at a time. Texts are UTF-8 and end with
 * a zero byte; paths are the system's bytes. Nothing is printed, no signal is caught, the process is never ended, and
 * the caller's floating-point mode and number of OpenMP threads are as before after every call.
 *
 * Scores are those of `iuf predict`, to the last bit, whatever the number of threads. */
#ifndef IUF_H
#define IUF_H

#include <stddef.h>
#include <stdint.h>

/* Raised when something that is here is changed or taken away; the library's file carries it in its name. What is only
 * added leaves it: structs grow at their end, and calls that fill one are told its size by the caller. */
#define IUF_ABI_VERSION 1

#if defined _WIN32
#define IUF_API
#else
#define IUF_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef enum iuf_status {
  IUF_OK = 0,
  IUF_FAILED = 1,    /* a file, an image, a model: the text says what */
  IUF_WRONG_USE = 2, /* arguments that make no sense, such as a null pointer */
  IUF_NO_MEMORY = 3,
  IUF_CANCELLED = 4 /* the caller's own callback asked for it */
} iuf_status;

typedef enum iuf_verdict {
  IUF_VERDICT_OK = 0,
  IUF_VERDICT_DEFECT = 1,  /* the score is above the object's threshold */
  IUF_VERDICT_UNKNOWN = 2, /* the picture as a whole is unlike every normal one: another product, no part, no light */
  IUF_VERDICT_NO_THRESHOLD = 3 /* the object has none */
} iuf_verdict;

/* IUF_ABI_VERSION of the library that runs. */
IUF_API int32_t iuf_abi_version(void);
/* "0.1.0", as `iuf --version`. */
IUF_API const char* iuf_version(void);
/* Why the last call of this thread that failed did so: one line; empty before any did. Valid until this thread's next
 * call. */
IUF_API const char* iuf_last_error(void);
/* Threads that one call may use from now on; 0: as at the start, which is OMP_NUM_THREADS or one per core. Where
 * several threads of the caller judge at once, 1 is the fastest. */
IUF_API iuf_status iuf_set_threads(int32_t threads);

/* A model in memory, and the file that it comes from. */
typedef struct iuf_model iuf_model;

/* `path`: a model file, or the folder of a run. */
IUF_API iuf_status iuf_model_load(const char* path, iuf_model** model);
/* Null is allowed, as in all that free. */
IUF_API void iuf_model_free(iuf_model* model);
/* Takes the file as it is now, for a model that another process has changed. Judgements that run end with the old one;
 * where the file cannot be read, the old one stays. */
IUF_API iuf_status iuf_model_reload(iuf_model* model);

typedef struct iuf_object {
  const char* name;           /* valid until the model is freed */
  double threshold;           /* NaN: it has none */
  double false_alarms;        /* the share that the threshold was asked for; NaN: none, or not known */
  int64_t images;             /* that it was learned from, those that were held out included */
  int64_t calibration_images; /* whose scores the threshold comes from */
} iuf_object;

/* The number of objects that the model has learned; 0 for a null pointer. */
IUF_API size_t iuf_model_objects(const iuf_model* model);
/* The object of this number; `size` is sizeof(iuf_object) of the caller. */
IUF_API iuf_status iuf_model_object(const iuf_model* model, size_t number, iuf_object* object, size_t size);

/* What is said about one photograph. It needs its model no more. */
typedef struct iuf_judgement iuf_judgement;

typedef enum iuf_pixels {
  IUF_GRAY8 = 1,
  IUF_RGB8 = 2,
  IUF_BGR8 = 3,
  IUF_RGBA8 = 4, /* the fourth byte is not looked at */
  IUF_BGRA8 = 5,
  IUF_GRAY16 = 6 /* of the machine's byte order, read by the model's window of values, as 16-bit files are */
} iuf_pixels;

/* Judge a photograph against the object of this name, or, where `object` is null, against the one that fits best.
 * A file, or its bytes, of a format that `iuf doctor` lists. */
IUF_API iuf_status iuf_judge_file(const iuf_model* model, const char* path, const char* object,
                                  iuf_judgement** judgement);
IUF_API iuf_status iuf_judge_encoded(const iuf_model* model, const void* bytes, size_t size, const char* object,
                                     iuf_judgement** judgement);
/* Rows of pixels from the top, upright; `stride` bytes from one row to the next, 0: no gap; `format` is one of
 * iuf_pixels. */
IUF_API iuf_status iuf_judge_pixels(const iuf_model* model, const void* pixels, int32_t width, int32_t height,
                                    size_t stride, int32_t format, const char* object, iuf_judgement** judgement);
IUF_API void iuf_judgement_free(iuf_judgement* judgement);

typedef struct iuf_summary {
  int32_t verdict;          /* iuf_verdict */
  int32_t width, height;    /* of the photograph, upright */
  int32_t map_side;         /* the map has so many rows and columns; 0: the method draws none */
  double score;             /* how unlike the object's normal images */
  double threshold;         /* NaN: the object has none */
  double scaled_score;      /* 1: the threshold, 0: what is usual; NaN: not known */
  double confidence;        /* how sure the object is among those that the model knows, 0 to 1 */
  double novelty;           /* above 1 the verdict is "unknown"; NaN: the model cannot tell */
  double map_low, map_high; /* scores at the ends of the map's colour scale */
  size_t regions;           /* of a defect */
  const char* verdict_name; /* "ok", "defect", "unknown", "no threshold" */
  const char* object;       /* that it was judged against; valid until the judgement is freed */
  const char* fits_better;  /* another object than the one that was asked for; null: none */
} iuf_summary;

typedef struct iuf_region {
  int64_t x, y, width, height; /* the smallest upright box around it, in pixels of the photograph */
  int64_t area;                /* pixels */
  int64_t peak_x, peak_y;
  double peak; /* the map's largest value in it, at that place */
} iuf_region;

/* `size` is sizeof(iuf_summary) of the caller. */
IUF_API iuf_status iuf_judgement_summary(const iuf_judgement* judgement, iuf_summary* summary, size_t size);
/* The region of this number, the highest peak first; `size` is sizeof(iuf_region) of the caller. */
IUF_API iuf_status iuf_judgement_region(const iuf_judgement* judgement, size_t number, iuf_region* region, size_t size);
/* map_side x map_side anomaly scores, row after row, stretched over the whole photograph; valid until the judgement is
 * freed. Null where there is none. */
IUF_API const float* iuf_judgement_map(const iuf_judgement* judgement);
/* Lays the map in colours over the photograph, as the heatmaps of `iuf predict`: width x height RGB pixels of 8 bits,
 * in and out. */
IUF_API iuf_status iuf_judgement_paint(const iuf_judgement* judgement, void* rgb, size_t stride);

/* The calls below change the model's file, as `iuf calibrate`, `iuf add` and `iuf update` do, and then the model in
 * memory: the file is replaced as a whole at the end, judgements go on meanwhile, and where a call fails nothing is
 * changed. One of them runs at a time; others wait. */

/* How far a call is: `done` of `total` of a stage; a total of 0 is unknown. Another value than 0 cancels the call. Both
 * callbacks may come from any thread, one at a time. */
typedef int (*iuf_progress)(void* user, const char* stage, int64_t done, int64_t total);
/* A remark on one line: what was left out, what was taken for what. */
typedef void (*iuf_note)(void* user, const char* text);
/* Whom the calls below tell; either may be null. */
IUF_API iuf_status iuf_model_listen(iuf_model* model, iuf_progress progress, iuf_note note, void* user);

typedef enum iuf_flags {
  IUF_NORMAL = 1,  /* all images of the folder are normal, though names say "bad", "test" or the like */
  IUF_REPLACE = 2, /* calibrate, update: the folder's scores count alone, for a line that has changed for good */
  IUF_VARIANT = 4  /* add: an object of its own, though most images look like one that is known */
} iuf_flags;

/* The threshold for this share of false alarms (0.01: 1 %); of all objects where `object` is null. */
IUF_API iuf_status iuf_calibrate(iuf_model* model, const char* object, double false_alarms);
/* This threshold. A null `object` is allowed where the model knows one. */
IUF_API iuf_status iuf_calibrate_threshold(iuf_model* model, const char* object, double threshold);
/* By a folder of normal images that came later. A share of 0: that of the last time. */
IUF_API iuf_status iuf_calibrate_images(iuf_model* model, const char* object, const char* folder, double false_alarms,
                                        uint32_t flags);
/* Undoes the last change. */
IUF_API iuf_status iuf_calibrate_back(iuf_model* model, const char* object);
/* Learns a new object from a folder of its normal images; its name where `name` is null is the folder's. */
IUF_API iuf_status iuf_add(iuf_model* model, const char* folder, const char* name, uint32_t flags);
/* The same; what is not black in the image file `mask` is neither learned nor judged, as with `iuf add --ignore`. */
IUF_API iuf_status iuf_add_ignoring(iuf_model* model, const char* folder, const char* name, const char* mask,
                                    uint32_t flags);
/* Learns more normal images of a known object, as under another lamp or from another batch. A mask of what it ignores
 * stays as it is. */
IUF_API iuf_status iuf_update(iuf_model* model, const char* folder, const char* object, uint32_t flags);

#ifdef __cplusplus
}
#endif
#endif
