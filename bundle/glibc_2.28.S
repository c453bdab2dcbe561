// libiuf.so of the bundle on every Linux from glibc 2.28 on. A newer one binds some names to versions of its own; the
// linker's --wrap=NAME (cmake/static.cmake) leads them here, and from here to the versions that every glibc for x86-64
// has. exp, log, log2 and pow give the same bits: 2.28 brought their present form, 2.29 another errno.

// older NAME: __wrap_NAME jumps to NAME@GLIBC_2.2.5.
.macro older name
  .globl __wrap_\name
  .hidden __wrap_\name
  .type __wrap_\name, @function
__wrap_\name:
  endbr64
  jmp *older_\name@GOTPCREL(%rip)
  .size __wrap_\name, . - __wrap_\name
  .symver older_\name, \name@GLIBC_2.2.5
.endm

// status NAME, AS: NAME(x, buffer) is AS(1, x, buffer), where 1 is the layout of struct stat; both were one until 2.33.
.macro status name, as
  .globl __wrap_\name
  .hidden __wrap_\name
  .type __wrap_\name, @function
__wrap_\name:
  endbr64
  mov %rsi, %rdx
  mov %rdi, %rsi
  mov $1, %edi
  jmp *older_\name@GOTPCREL(%rip)
  .size __wrap_\name, . - __wrap_\name
  .symver older_\name, \as@GLIBC_2.2.5
.endm

  .text
  older exp
  older log
  older log2
  older pow
  older pthread_create
  older pthread_detach
  older pthread_getspecific
  older pthread_join
  older pthread_key_create
  older __pthread_key_create
  older pthread_key_delete
  older pthread_mutex_trylock
  older pthread_once
  older pthread_setspecific
  status fstat, __fxstat
  status fstat64, __fxstat64
  status lstat, __lxstat
  status stat, __xstat

// "One thread alone": never said, so that locks are taken.
  .section .rodata
  .globl __wrap___libc_single_threaded
  .hidden __wrap___libc_single_threaded
  .type __wrap___libc_single_threaded, @object
__wrap___libc_single_threaded:
  .byte 0
  .size __wrap___libc_single_threaded, 1

// The archives of libpng and libjpeg read stderr as a program does, not as a shared library; here is a copy of it.
  .bss
  .balign 8
  .globl __wrap_stderr
  .hidden __wrap_stderr
  .type __wrap_stderr, @object
  .size __wrap_stderr, 8
__wrap_stderr:
  .skip 8
  .text
copy_stderr:
  endbr64
  mov __real_stderr@GOTPCREL(%rip), %rax
  mov (%rax), %rax
  mov %rax, __wrap_stderr(%rip)
  ret
  .section .init_array, "aw"
  .balign 8
  .quad copy_stderr
  .section .note.GNU-stack, "", @progbits
