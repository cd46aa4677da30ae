//! The outbox's own words; beside them it uses those that all widgets share.

crate::texts! {
    /// One text of the outbox.
    Text {
        Title = "title", "Not yet sent";
        Nothing = "nothing", "Everything has been sent.";
        CountOne = "count.one", "1 request is not at the service desk yet.";
        CountOther = "count.other", "{n} requests are not at the service desk yet.";
        From = "from", "From {when}";
        TakingBack = "taking_back", "Discarded. The service desk is being told.";
        Reason = "reason", "The service desk says: {reason}";
        SendNow = "send_now", "Send now";
        Copy = "copy", "Copy its text";
        Copied = "copied", "Copied.";
        CopyByHand = "copy_by_hand", "Its text, to be copied by hand";
        Save = "save", "Save as a file";
        Elsewhere = "elsewhere", "Its form is on another page; there it can be edited.";
        SignOutTitle = "sign_out.title", "Before you sign out";
        SignOutDrafts = "sign_out.drafts", "What stands in forms that were not sent goes from this device too.";
        SignOutKept = "sign_out.kept", "What you keep opens only when you sign in on this device again, and is sent then.";
        SignOutSend = "sign_out.send", "Send, then sign out";
        SignOutSending = "sign_out.sending", "Sending … You are signed out as soon as everything has arrived.";
        SignOutKeep = "sign_out.keep", "Sign out and keep all of it locked";
        SignOutDiscard = "sign_out.discard", "Sign out and discard all of it";
        SignOutStay = "sign_out.stay", "Stay signed in";
        Used = "used", "This site has stored {used} on this device; it may store {all}.";
        Unprotected = "unprotected", "What is kept here is not protected against somebody who has this device.";
    }
}
