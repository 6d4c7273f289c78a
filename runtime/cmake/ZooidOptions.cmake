#   How every target of this project is compiled: one interface target, `zooid_options`.

set (ZOOID_SANITIZE "" CACHE STRING "Sanitizers for every target: address,undefined or thread")
option (ZOOID_FAULTS "A test build: faults on purpose can be switched on (zooid/fault.h)" OFF)
option (ZOOID_FUZZ "Build the libFuzzer targets (needs clang)" OFF)

find_program (CCACHE ccache)
if (CCACHE)
    set (CMAKE_C_COMPILER_LAUNCHER "${CCACHE}")
endif ()

set (CMAKE_C_STANDARD 11)
set (CMAKE_C_STANDARD_REQUIRED ON)
set (CMAKE_C_EXTENSIONS ON)
set (CMAKE_C_VISIBILITY_PRESET hidden)
set (CMAKE_POSITION_INDEPENDENT_CODE ON)
#   assert states what we guarantee: it stays on in release.
set (CMAKE_C_FLAGS_RELEASE "-O2 -g")
set (CMAKE_C_FLAGS_DEBUG "-Og -g")

add_library (zooid_options INTERFACE)
target_compile_definitions (zooid_options INTERFACE _GNU_SOURCE $<$<BOOL:${ZOOID_FAULTS}>:ZOOID_FAULTS>)
target_compile_options (zooid_options INTERFACE
    -Wall -Wextra -Wconversion -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
    -fstack-protector-strong -fstack-clash-protection -fcf-protection=full -ftrivial-auto-var-init=zero)
if (CMAKE_C_COMPILER_ID MATCHES Clang AND CMAKE_C_COMPILER_VERSION VERSION_LESS 16)
    target_compile_options (zooid_options INTERFACE -enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang)
endif ()
target_link_options (zooid_options INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
if (ZOOID_SANITIZE)
    target_compile_options (zooid_options INTERFACE -fsanitize=${ZOOID_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options (zooid_options INTERFACE -fsanitize=${ZOOID_SANITIZE})
else ()
    target_compile_options (zooid_options INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
endif ()
include (CheckPIESupported)
check_pie_supported ()
