//! A survey's own words; beside them it uses those that all widgets share.

crate::texts! {
    /// One text of a survey.
    Text {
        Csat1 = "csat.1", "Very dissatisfied";
        Csat2 = "csat.2", "Dissatisfied";
        Csat3 = "csat.3", "Neutral";
        Csat4 = "csat.4", "Satisfied";
        Csat5 = "csat.5", "Very satisfied";
        Nps0 = "nps.0", "Not at all likely";
        Nps10 = "nps.10", "Extremely likely";
        Ces1 = "ces.1", "Strongly disagree";
        Ces7 = "ces.7", "Strongly agree";
        Thumbs0 = "thumbs.0", "Not good";
        Thumbs1 = "thumbs.1", "Good";
        Place = "place", "Place {place}: {choice}";
        Add = "add", "Put in place {place}: {choice}";
        Up = "up", "Move up: {choice}";
        Down = "down", "Move down: {choice}";
        Out = "out", "Take out: {choice}";
        RankHint = "rank_hint", "Choose what comes first, then what comes next.";
        NothingRanked = "nothing_ranked", "Nothing is in order yet.";
        Step = "step", "Question {step} of {of}";
        Next = "next", "Next";
        Previous = "previous", "Previous";
        Complain = "complain", "Not satisfied with how it was handled? Make a complaint";
        ThisService = "this_service", "our service";
        ThisTicket = "this_ticket", "your request";
    }
}
