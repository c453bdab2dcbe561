#pragma once

namespace iuf {

/// From now on SIGINT and SIGTERM end nothing at once: the descriptor that is returned becomes readable, so that what
/// is at hand can be ended. A second one ends the program.
int stop_descriptor();

}  // namespace iuf
