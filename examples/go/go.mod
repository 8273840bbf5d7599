module jessy/api

go 1.19
