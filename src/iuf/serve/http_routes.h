#pragma once

#include <functional>
#include <string>

#include "iuf/serve/http_message.h"
#include "iuf/serve/service.h"

namespace iuf {

/// Answers one request, whoever may ask as `token` says: with it only those who have it, beside the page and its
/// health; without it only who is_own_origin(). `body` is called at most once, and by requests alone that have one and
/// may ask. What is not done is a Refusal.
HttpResponse answer_request(Service& service, const std::string& token, const HttpRequest& request,
                            const std::function<std::string()>& body);

}  // namespace iuf
