# Run at every build: cmake -D SOURCE=... -D VERSION=... -D TO=... -P version.cmake
# The file is only touched when its text changes, so an ordinary build compiles nothing.
set(COMMIT unknown)
# A copy of the sources inside somebody else's repository is not that repository's commit.
if(EXISTS ${SOURCE}/.git)
  execute_process(COMMAND git describe --always --abbrev=12 --dirty=+ --exclude=*
                  WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE described RESULT_VARIABLE result
                  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(result EQUAL 0)
    set(COMMIT ${described})
  endif()
endif()
configure_file(${SOURCE}/models/version.cpp.in ${TO} @ONLY)
