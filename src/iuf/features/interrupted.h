#pragma once

namespace iuf {

/// Thrown by a listener of Progress to end a job between two of its parts. What is complete is kept, a training loop
/// saves its state. It is no std::exception, so that nobody takes it for a failure of what is being done.
struct Interrupted {};

}  // namespace iuf
